"""People who work while things break: each case goes its whole way, and whatever fails is tried again."""

import asyncio
import random
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

import httpx

from bench.campaign.ledger import Ledger
from portal.domain import totp
from tests.world import cast

PATIENCE = 25.0  # seconds without an answer that end a request


class Away(Exception):
    """What was asked for did not happen, or nobody knows whether it did: look, and try again."""


@dataclass
class Answer:
    """Status, address to go on to, and what the page offers."""

    status: int
    location: str
    text: str
    headers: Any
    forms: dict[str, dict[str, str]] = field(default_factory=dict)
    links: set[str] = field(default_factory=set)
    inputs: set[str] = field(default_factory=set)
    options: list[str] = field(default_factory=list)


class _Reader(HTMLParser):
    """Hidden inputs by the form's action, names of inputs, values of options, addresses of links."""

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self.answer, self.form = answer, ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.form = has.get("action", "").partition("?")[0]
            self.answer.forms.setdefault(self.form, {})
        elif tag == "input":
            self.answer.inputs.add(has.get("name", ""))
            if has.get("type") == "hidden":
                self.answer.forms.setdefault(self.form, {})[has.get("name", "")] = has.get("value", "")
        elif tag == "option":
            self.answer.options.append(has.get("value", ""))
        elif tag == "a":
            self.answer.links.add(has.get("href", ""))


@dataclass
class Balancer(httpx.AsyncBaseTransport):
    """Sends each request to any node, and to the other one where nobody listens."""

    ports: list[int]
    ledger: Ledger
    dice: random.Random
    inner: httpx.AsyncHTTPTransport = field(default_factory=httpx.AsyncHTTPTransport)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        ports = self.dice.sample(self.ports, len(self.ports))
        what, fault, begun = f"{request.method} {request.url.path}", self.ledger.fault, time.monotonic()
        for port in ports:
            request.url = request.url.copy_with(port=port)
            try:
                answer = await self.inner.handle_async_request(request)
            except httpx.ConnectError:
                continue
            except httpx.TimeoutException:
                self.ledger.hung(what, time.monotonic() - begun, fault)
                raise
            self.ledger.answered(what, answer.status_code, time.monotonic() - begun, fault)
            return answer
        raise httpx.ConnectError("no node listens")


@dataclass
class Somebody:
    """One person's browser, and his codes by the real clock."""

    username: str
    ports: list[int]
    ledger: Ledger
    dice: random.Random
    last: int = 0
    is_in: bool = False

    def __post_init__(self) -> None:
        self.http = self._browser()
        self.door = asyncio.Lock()

    def _browser(self) -> httpx.AsyncClient:
        line = Balancer(self.ports, self.ledger, self.dice)
        return httpx.AsyncClient(transport=line, base_url=f"http://127.0.0.1:{self.ports[0]}", timeout=PATIENCE)

    async def ask(self, method: str, path: str, *, tears: bool = False, **more: Any) -> Answer:
        """One request, sometimes (`tears`) given up halfway, as by a phone that loses its net.

        Raises:
            Away.
        """
        await self.ledger.gate.wait()
        self.ledger.under_way += 1
        try:
            return await self._ask(method, path, tears=tears, **more)
        finally:
            self.ledger.under_way -= 1

    async def _ask(self, method: str, path: str, *, tears: bool, **more: Any) -> Answer:
        try:
            if tears and self.dice.random() < 0.1:
                async with asyncio.timeout(self.dice.random() / 3):
                    got = await self.http.request(method, path, **more)
            else:
                got = await self.http.request(method, path, **more)
        except (httpx.TransportError, TimeoutError) as error:
            raise Away(f"{method} {path}: {type(error).__name__}") from error
        if got.status_code in (408, 429, 500, 502, 503, 504):
            await asyncio.sleep(0.3)
            raise Away(f"{method} {path}: {got.status_code}")
        answer = Answer(got.status_code, got.headers.get("location", ""), "", got.headers)
        if got.headers.get("content-type", "").startswith("text/html"):
            answer.text = got.text
            _Reader(answer).feed(got.text)
        if self.is_in and answer.location.partition("?")[0] in ("/login", "/login/code"):
            self.is_in = False
            self.ledger.blame(f"LOST: the session of {self.username}, at {method} {path}")
            raise Away("signed out")
        return answer

    async def code(self) -> tuple[int, str]:
        """A code never typed before, and its time step; waits until there is one."""
        while True:
            now = totp.step_at(datetime.now(UTC))
            step = max(self.last + 1, now)
            if step <= now + 1:
                self.last = step
                at = datetime.fromtimestamp(step * totp.PERIOD, UTC) + timedelta(seconds=1)
                return step, cast.code(self.username, at)
            await asyncio.sleep(0.5)

    async def sign_in(self) -> None:
        """Both steps, with a fresh browser; again until it is acknowledged.

        Raises:
            Away.
        """
        async with self.door:  # the Minister serves several provinces
            if not self.is_in:
                await self._sign_in()

    async def _sign_in(self) -> None:
        await self.http.aclose()
        self.http = self._browser()
        got = await self.ask("POST", "/login", data={"username": self.username, "password": cast.PASSWORD})
        if got.status != 303:
            raise Away(f"password: {got.status}")
        step, code = await self.code()
        got = await self.ask("POST", "/login/code", data={"code": code})
        if got.status != 303 or urlsplit(got.location).path.startswith("/login"):
            raise Away(f"code: {got.status}")
        self.ledger.used(self.username, step)
        self.is_in = True

    async def offered(self, number: str) -> set[str]:
        """The acts that the page of a case offers to this person now."""
        page = await self.ask("GET", f"/cases/{number}")
        start = f"/cases/{number}/"
        return {each.removeprefix(start).partition("?")[0] for each in page.links if each.startswith(start)}

    async def sign(self, number: str, act: str, kind: str, fields: dict[str, Any] | None = None) -> None:
        """The review of an act, and its code; now and then two posts at once.

        Raises:
            Away: it was not acknowledged.
        """
        url = f"/cases/{number}/{act}"
        page = await self.ask("GET", url)
        if page.status == 200 and fields is not None:
            page = await self.ask("POST", url, data={**page.forms.get(url, {}), **fields})
            if _is_review(page):
                page = await self.ask("GET", page.location)
        if page.status != 200 or url not in page.forms:
            raise Away(f"{url}: {page.status}")
        step, code = await self.code()
        data = {**page.forms[url], "code": code}
        times = 2 if self.dice.random() < 0.1 else 1
        posts = [self.ask("POST", url, data=data, tears=True) for _ in range(times)]
        answers = await asyncio.gather(*posts, return_exceptions=True)
        if any(isinstance(each, Answer) and each.status == 303 and not _is_review(each) for each in answers):
            self.ledger.used(self.username, step)
            self.ledger.done(number, kind)
            return
        raise Away(f"{url}: {[each.status if isinstance(each, Answer) else str(each) for each in answers]}")


def _is_review(answer: Answer) -> bool:
    """Whether this leads to what waits to be signed, for the first time or after a code that was not taken."""
    return urlsplit(answer.location).path.startswith("/reviews/")
