"""A visitor without JavaScript: gets pages, keeps hidden inputs, fills fields, posts; every page is linted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from xml.etree.ElementTree import Element

import html5lib
import httpx

from portal.domain import totp
from portal.web import scripts
from tests.world import cast, direction, markup

FRAMED = ("header", "footer", "head")
"""Parts of a page that carry no hooks of scripts."""
ISOLATES = str.maketrans(dict.fromkeys("\u2068\u2069"))
XHTML = "{http://www.w3.org/1999/xhtml}"
Fields = Mapping[str, str | Sequence[str]]


@dataclass
class Page:
    """An answer, and its HTML as a tree."""

    response: httpx.Response
    _root: Element | None = field(default=None, repr=False)

    @property
    def status(self) -> int:
        return self.response.status_code

    @property
    def text(self) -> str:
        return self.response.text

    @property
    def location(self) -> str:
        return str(self.response.headers.get("location", ""))

    @property
    def root(self) -> Element:
        if self._root is None:
            self._root = html5lib.parse(self.text, treebuilder="etree")
        return self._root

    def all(self, tag: str) -> list[Element]:
        return list(self.root.iter(XHTML + tag))

    def words(self) -> str:
        """The text of the main part, white space folded, without the marks around foreign runs."""
        main = next(self.root.iter(XHTML + "main"))
        quoted = "".join("".join(each.itertext()) for each in main.iter(XHTML + "pre"))
        return " ".join("".join(main.itertext()).replace(quoted or "\0", "").translate(ISOLATES).split())

    def form(self, action: str) -> Element:
        """The form that posts to `action` (query aside)."""
        for each in self.all("form"):
            if (each.get("action") or "").partition("?")[0] == action:
                return each
        raise AssertionError(f"no form posts to {action}: {[each.get('action') for each in self.all('form')]}")

    def hidden(self, action: str) -> dict[str, str]:
        """The hidden inputs of the form that posts to `action`."""
        found = self.form(action).iter(XHTML + "input")
        return {each.get("name", ""): each.get("value", "") for each in found if each.get("type") == "hidden"}

    def errors(self) -> dict[str, str]:
        """Sentences beside fields, by field."""
        marked = {each.get("id", ""): " ".join(each.itertext()) for each in self.root.iter() if each.get("id")}
        return {
            name.removeprefix("field-").removesuffix("-error"): text.strip()
            for name, text in marked.items()
            if name.startswith("field-") and name.endswith("-error")
        }


def lint(page: Page) -> None:
    """What must hold for every page: one h1 that begins the title, labels, ids once, language and direction."""
    found = markup.findings(page.text)
    assert not found, found[:5]
    ids = [each.get("id") for each in page.root.iter() if each.get("id")]
    assert len(ids) == len(set(ids)), f"ids stand twice: {[each for each in ids if ids.count(each) > 1]}"
    headings = page.all("h1")
    assert len(headings) == 1, "one h1 a page"
    assert_title_tells(page, _text(headings[0]))
    assert (page.root.get("lang"), page.root.get("dir")) in {("fa", "rtl"), ("en", "ltr")}
    labelled = {each.get("for") for each in page.all("label")}
    for each in [*page.all("input"), *page.all("select"), *page.all("textarea")]:
        inside = any(each in label.iter() for label in page.all("label"))
        assert each.get("type") in ("hidden", "submit") or each.get("id") in labelled or inside, each.attrib
    assert not [each.attrib for each in page.root.iter() if "style" in each.attrib]
    assert all((each.get("action") or "").startswith("/") for each in page.all("form"))
    assert "None" not in page.words().split(), "None on screen"
    assert set(loaded(page)) == set(hooked(page)), "a page loads the scripts of the hooks that it carries, and no other"
    assert direction.findings(page.root) == [], "a number or a run of the other direction stands outside an isolate"


def assert_may_be_compressed(page: Page) -> None:
    """A compressed page holds no sealed field and no challenge, and repeats nothing that was sent (BREACH)."""
    if "content-encoding" not in page.response.headers:
        return
    request = page.response.request
    assert (request.method, request.url.query, page.status) == ("GET", b"", 200)
    assert {each.get("name") for each in page.all("input") if each.get("type") == "hidden"} <= {"next"}
    assert "data-challenge" not in page.text


def loaded(page: Page) -> list[str]:
    """The scripts that a page loads, by their paths under static/; one that stands in the page is not loaded."""
    found = page.all("script")
    assert all(each.get("type") == "module" or "defer" in each.attrib for each in found), "a script holds the page up"
    sources = [each.get("src", "") for each in found if "src" in each.attrib]
    return [each.removeprefix("/static/").partition("?")[0] for each in sources]


def hooked(page: Page) -> list[str]:
    """The scripts whose hooks a page or a fragment carries."""
    body = next(page.root.iter(XHTML + "body"))
    own = [each for part in body if part.tag.removeprefix(XHTML) not in FRAMED for each in part.iter()]
    carried = {name for each in own for name in each.attrib}
    if any(each.tag == XHTML + "form" and each.get("method") == "post" for each in own):
        carried.add('method="post"')
    return [script for script, hooks in scripts.HOOKS.items() if hooks & carried]


ERROR = {"fa": "خطا: ", "en": "Error: "}


def assert_title_tells(page: Page, heading: str) -> None:
    """The title starts with the h1, after a word where a field has to be corrected; each summary line names a field."""
    title, error = _text(page.all("title")[0]), ERROR[page.root.get("lang", "")]
    summaries = [each for each in page.all("div") if each.get("class") == "summary"]
    assert title.startswith(error) == bool(page.errors() or summaries), title
    assert title.removeprefix(error).startswith(heading), (title, heading)
    ids = {each.get("id") for each in page.root.iter()}
    for link in (link for each in summaries for link in each.iter(XHTML + "a")):
        assert link.get("href", "").removeprefix("#") in ids, (link.attrib, "leads nowhere")
        assert ": " in _text(link), (_text(link), "names no field")


def _text(element: Element) -> str:
    return " ".join("".join(element.itertext()).translate(ISOLATES).split())


@dataclass
class Visitor:
    """A browser of one person."""

    http: httpx.AsyncClient
    clock: Any
    username: str = ""
    scripts: dict[str, set[str]] = field(default_factory=dict)
    """What each page has loaded, by its path."""

    async def get(self, url: str, **more: Any) -> Page:
        return self._looked_at(Page(await self.http.get(url, **more)))

    async def post(self, url: str, fields: Fields | None = None, **more: Any) -> Page:
        return self._looked_at(Page(await self.http.post(url, data=dict(fields or {}), **more)))

    def _looked_at(self, page: Page) -> Page:
        """The answer, linted if it is HTML; a fragment finds the scripts of its hooks on the page that it comes to."""
        assert_may_be_compressed(page)
        path = page.response.url.path
        if not page.response.headers.get("content-type", "").startswith("text/html") or not page.text:
            return page
        if page.text.startswith("<!doctype"):
            lint(page)
            self.scripts[path] = set(loaded(page))
        elif path in self.scripts:
            assert set(hooked(page)) <= self.scripts[path], "a fragment brings a hook whose script is not there"
        return page

    async def submit(self, url: str, fields: Fields | None = None, at: str | None = None) -> Page:
        """GET the page at `at` (default: `url`), keep its form's hidden inputs, fill `fields`, POST to `url`."""
        page = await self.get(at or url)
        assert page.status == 200, (page.status, page.words())
        return await self.post(url, {**page.hidden(url), **(fields or {})})

    async def sign(self, url: str, fields: Fields | None = None, at: str | None = None) -> Page:
        """Review the sign-off at `url`, with `fields` where its form takes values, and sign it under a fresh code."""
        page = await self.get(at or url)
        assert page.status == 200, (page.status, page.words())
        if fields is not None:
            page = await self.reviewed(url, {**page.hidden(url), **fields})
        page = await self.post(url, {**page.hidden(url), "code": self.code()})
        assert not page.location.startswith("/reviews/"), "the code was not taken"
        return page

    async def review(self, url: str, fields: Fields, at: str | None = None) -> Page:
        """Fill `fields` into the form at `at` (default: `url`), post them without a code, and come to their review."""
        page = await self.get(at or url)
        assert page.status == 200, (page.status, page.words())
        return await self.reviewed(url, {**page.hidden(url), **fields})

    async def reviewed(self, url: str, fields: Fields) -> Page:
        """Post a form without a code, and come to the review of what it would sign."""
        page = await self.post(url, fields)
        assert (page.status, page.location.partition("/reviews/")[0]) == (303, ""), (page.status, page.words())
        page = await self.get(page.location)
        assert page.status == 200, (page.status, page.words())
        return page

    async def send(self, number: str, kind: str, data: bytes, name: str = "سند.pdf", **more: str) -> Page:
        """Send a document into case `number` by the plain form."""
        files = {"file": (name, data, "application/pdf")}
        return await self.post(f"/cases/{number}/documents", {"kind": kind, **more}, files=files)

    def code(self) -> str:
        """A fresh code: the clock moves on to the next time step first."""
        self.clock.tick(31)
        return cast.code(self.username, self.clock())

    async def sign_in(self, username: str) -> "Visitor":
        """Both steps; the visitor themselves."""
        self.username = username
        page = await self.post("/login", {"username": username, "password": cast.PASSWORD})
        assert page.status == 303, page.words()
        page = await self.post("/login/code", {"code": self.code()})
        assert page.status == 303, page.words()
        return self


LATE = 2  # seconds before a step's end


@dataclass
class Hurried(Visitor):
    """Works by the real clock: uses the previous step's code, then the present one's, then the next one's."""

    last: int = 0

    def code(self) -> str:
        now = datetime.now(UTC)
        if totp.PERIOD - now.timestamp() % totp.PERIOD < LATE:
            now += timedelta(seconds=LATE)  # it is asked for in the next step: the previous one's would be too old
        self.last = max(self.last + 1, totp.step_at(now) - 1)
        assert self.last <= totp.step_at(now) + 1, "three codes at once are all there are"
        return cast.code(self.username, datetime.fromtimestamp(self.last * totp.PERIOD, UTC) + timedelta(seconds=1))
