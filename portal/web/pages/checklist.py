"""What a municipality has to do with a case that is in its hands: three steps, the first open one leading."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from portal.domain.declarations import Declaration
from portal.domain.dossiers import Dossier
from portal.domain.lifecycle import Act, State
from portal.domain.returns import DECLARATION
from portal.texts import gettext, ngettext
from portal.web.formats import digits
from portal.web.pages.places import Place
from portal.web.words import labels


@dataclass(frozen=True, slots=True)
class Item:
    """A step: `done` of `total` is its progress (None for the last); `why` it cannot be done yet, or None.

    `status` is done, now (the first open one) or todo.
    """

    name: str
    title: str
    text: str
    progress: str
    done: int
    total: int
    href: str | None
    label: str
    why: str | None = None
    status: str = "todo"


def checklist(dossier: Dossier, places: Sequence[Place], waiting: Mapping[str, Any] | None) -> list[Item]:
    """The three steps of `dossier`, whose documents' places are `places`; `waiting` is its waiting period, if told."""
    declaration, papers = _declaration(dossier), _papers(dossier, places)
    is_whole = all(each.done == each.total for each in (declaration, papers)) and dossier.is_complete()
    items = [declaration, papers, _sending(dossier, is_whole, waiting)]
    first = next((n for n, each in enumerate(items[:2]) if each.done < each.total), 2)
    return [replace(each, status=_status(n, first, each)) for n, each in enumerate(items)]


def _status(n: int, first: int, item: Item) -> str:
    if n == first:
        return "now"
    return "done" if item.total and item.done == item.total else "todo"


def _declaration(dossier: Dossier) -> Item:
    lacking, total = dossier.declaration.missing(), len(fields(Declaration))
    is_open = dossier.state is State.DRAFT or DECLARATION in dossier.reopened
    return Item(
        name="declaration",
        title=gettext("Declaration"),
        text=gettext("Grade, population, division status and budget settlements; the score is computed from these.")
        if is_open
        else gettext("It was not reopened; it stays as you submitted it."),
        progress=gettext("%(done)s of %(total)s entries", done=digits(total - len(lacking)), total=digits(total)),
        done=total - len(lacking),
        total=total,
        href=f"/cases/{dossier.number}/declaration" if is_open else None,
        label=gettext("Fill in the declaration") if lacking else gettext("Change the declaration"),
    )


def _papers(dossier: Dossier, places: Sequence[Place]) -> Item:
    wanted = [each for each in places if each.required]
    there = [each for each in wanted if each.held and not each.is_rejected]
    refused = sum(each.is_rejected for each in places)
    return Item(
        name="documents",
        title=gettext("Documents"),
        text=ngettext(
            "%(n)s document was not accepted; upload it again.",
            "%(n)s documents were not accepted; upload them again.",
            refused,
            n=digits(refused),
        )
        if refused
        else gettext("Each document as a PDF or a picture; they can be uploaded at any time."),
        progress=gettext("%(done)s of %(total)s documents", done=digits(len(there)), total=digits(len(wanted))),
        done=len(there),
        total=len(wanted),
        href="#case-documents",
        label=gettext("View the documents") if len(there) == len(wanted) else gettext("Upload documents"),
    )


def _sending(dossier: Dossier, is_whole: bool, waiting: Mapping[str, Any] | None) -> Item:
    why = None
    if not is_whole:
        why = gettext("Available once the declaration and the documents are complete.")
    elif waiting and not waiting["is_reached"]:
        why = waiting["text"]
    return Item(
        name="submission",
        title=gettext("Submission"),
        text=gettext("You review the text and sign it with a one-time code."),
        progress=gettext("To: Governorate of %(province)s", province=dossier.case["province_name"]),
        done=0,
        total=0,
        href=f"/cases/{dossier.number}/{Act.SUBMISSION}",
        label=labels.label(Act.SUBMISSION),
        why=why,
    )
