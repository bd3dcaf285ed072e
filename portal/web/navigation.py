"""What the top bar offers to each role."""

from dataclasses import dataclass

from portal.texts import N_, gettext

SERVICE = ("/service", N_("The service"))
VISITOR = (SERVICE, ("/verify", N_("Verify a letter")))

DESK = (("/cases", N_("Worklist")), ("/cases?state=all", N_("All cases")))
APPROVALS = ("/approvals", N_("Approvals"))

TOWNS = ("/municipalities", N_("Municipalities"))
GRADES = ("/grades", N_("Grades"))
REFUSALS = ("/refusals", N_("Refused files"))

FEW, FIRST = 4, 2
"""So many sections fit on a phone; of more, the first ones and the current one stand there, and a button for all."""

BY_ROLE = {
    "municipality": (("/cases", N_("My case")),),
    "governorate": (*DESK, GRADES, APPROVALS),
    "organization": (*DESK, ("/sittings", N_("Meetings")), ("/rulesets", N_("Score tables")), TOWNS, GRADES, APPROVALS),
    "minister": (*DESK, GRADES),
    "archivist": (("/cases", N_("Cases")), ("/archive", N_("Archive"))),
    "auditor": (("/cases?state=all", N_("All cases")), ("/journal", N_("Journal")), REFUSALS, TOWNS, GRADES),
    "administrator": (
        ("/accounts", N_("Accounts")),
        APPROVALS,
        TOWNS,
        ("/rulesets", N_("Score tables")),
        REFUSALS,
    ),
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One link of the top bar."""

    href: str
    label: str
    current: bool
    count: int = 0
    later: bool = False  # on a narrow page it stands in the sheet of all sections


def navigation(role: str | None, path: str, waiting: int = 0) -> list[Entry]:
    """The links for `role` (None: a visitor), in the current locale, the one that `path` lies under marked.

    `waiting` is how many approvals wait for the person.

    `path` may carry a query: `/cases?state=all` is another entry than `/cases`.
    """
    entries = (*BY_ROLE.get(str(role), ()), SERVICE) if role else VISITOR
    place = SERVICE[0] if path == "/" else _place(path, str(role))  # a visitor sees the service's card there
    near = [href for href, _label in entries if _covers(href, place)]
    here = max(near or [href for href, _label in entries if _holds(href, place)], key=len, default=None)
    counts = {APPROVALS[0]: waiting}
    return [
        Entry(href, gettext(label), href == here, counts.get(href, 0), _is_later(at, href, here, counts, len(entries)))
        for at, (href, label) in enumerate(entries)
    ]


def _is_later(at: int, href: str, here: str | None, counts: dict[str, int], of: int) -> bool:
    return of > FEW and at >= FIRST and href != here and not counts.get(href)


def way_back(path: str, status: int, *, signed_in: bool) -> tuple[str, str]:
    """Address and label of the way out of an error page at `path`, in the current locale."""
    parts = path.partition("?")[0].split("/")
    if status == 401:
        return "/login", gettext("Sign in")
    if signed_in and status != 404 and parts[1] == "cases" and len(parts) > 3:
        return "/".join(parts[:3]), gettext("Back to the case")
    return ("/cases", gettext("To my worklist")) if signed_in else ("/", gettext("To the first page"))


def local(address: str) -> str:
    """The path of an address of this portal; never another host's."""
    path = "/" + address.split("://", 1)[-1].partition("/")[2] if "://" in address else address
    return path if path.startswith("/") and not path.startswith(("//", "/\\")) else "/"


BELONGS = {"/documents": "/cases", "/receipts": "/cases"}
"""Pages with an address of their own that one comes to from another section."""


def _place(path: str, role: str) -> str:
    """The section that the page at `path` belongs to, as an address below it."""
    begin = "/" + path.split("/", 2)[1]
    if begin == "/receipts" and role == "auditor":
        return "/journal/receipts"
    return BELONGS.get(begin, begin) + path[len(begin) :]


def _covers(href: str, path: str) -> bool:
    """Whether the page at `path` is the entry's own page or lies below it."""
    base, _, query = href.partition("?")
    place, _, asked = path.partition("?")
    if query and place == base:
        return query in asked.split("&")
    return place == base or (base != "/" and place.startswith(base + "/") and not query)


def _holds(href: str, path: str) -> bool:
    """Whether the page at `path` lies below the list of `href`, whatever that is narrowed to."""
    return path.startswith(href.partition("?")[0] + "/")
