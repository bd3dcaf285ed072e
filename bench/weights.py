"""What a page weighs: `python -m bench.weights [ADDRESS]`, that of a running demo; without one it starts its own.

Chromium opens each page with a cold cache; requests and bytes are those on the wire, heads included, as its own
network stack counts them. The first visit is the public home; pages of the seven roles follow, each with a case.
"""

import asyncio
import os
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

from playwright.async_api import Browser, BrowserContext, async_playwright

from bench.server import ready
from portal.services.administration.demo import PASSWORD
from tests.world import cast
from tests.world.chromium import FLAGS, chromium
from tests.world.nodes import free_port

PUBLIC = ("/", "/login", "/verify", "/journal/key")
CASE = "case"  # the first one of the person's list
PEOPLE = {
    "shahrdari2": ("/cases", CASE, "/account"),
    "ostandari": ("/cases", CASE, "/grades"),
    "sazman": ("/cases", CASE, "/sittings", "/grades", "/rulesets"),
    "vazir": ("/cases", CASE),
    "bayegani": ("/cases?state=all", "/archive"),
    "bazres": ("/cases?state=all", CASE, "/journal"),
    "modir": ("/accounts", "/municipalities"),
}
MOST_REQUESTS, MOST_BYTES = 12, 150_000


@dataclass
class Weight:
    """What one page took: answers from the wire, their bytes, and how many of them each kind of answer has."""

    requests: int = 0
    size: int = 0
    kinds: dict[str, int] = field(default_factory=dict)


@asynccontextmanager
async def demo() -> AsyncIterator[str]:
    """The address of a demo on a folder of its own."""
    with tempfile.TemporaryDirectory(prefix="daraje-bench-", ignore_cleanup_errors=True) as folder:
        port = free_port()
        environment = os.environ | {"PORTAL_VAR": folder, "PORTAL_PORT": str(port), "PORTAL_WORKERS": "1"}
        command = [sys.executable, "-m", "portal", "demo"]
        portal = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)  # noqa: ASYNC220
        try:
            await ready(port, minutes=5)
            yield f"http://127.0.0.1:{port}"
        finally:
            portal.terminate()
            portal.wait(60)


async def weigh(context: BrowserContext, url: str) -> Weight:
    """Open `url` in `context` with nothing kept from before."""
    page, weight = await context.new_page(), Weight()
    network = await context.new_cdp_session(page)
    await network.send("Network.enable")
    await network.send("Network.clearBrowserCache")
    kinds: dict[str, str] = {}

    def ended(event: dict[str, object]) -> None:
        kind, size = kinds.get(str(event["requestId"]), "Other"), int(str(event["encodedDataLength"]))
        weight.requests += 1
        weight.size += size
        weight.kinds[kind] = weight.kinds.get(kind, 0) + size

    network.on("Network.responseReceived", lambda event: kinds.update({event["requestId"]: event["type"]}))
    network.on("Network.loadingFinished", ended)
    await page.goto(url, wait_until="networkidle")
    await page.close()
    return weight


async def sign_in(context: BrowserContext, address: str, username: str) -> str | None:
    """Sign in by the forms; the address of the first case of the person's list, if there is one."""
    page = await context.new_page()
    await page.goto(f"{address}/login")
    await page.fill("[name=username]", username)
    await page.fill("[name=password]", PASSWORD)
    await page.click("main form button")
    await page.fill("[name=code]", cast.code(username, datetime.now(UTC)))
    await page.click("main form button:not([type=button])")
    await page.goto(f"{address}/cases?state=all")
    links = await page.eval_on_selector_all("main a", "all => all.map(each => each.getAttribute('href'))")
    await page.close()
    return next((each for each in links if each and each.removeprefix("/cases/")[:4].isdigit()), None)


def told(who: str, path: str, weight: Weight) -> str:
    kinds = ", ".join(f"{kind.lower()} {size / 1000:.1f}" for kind, size in sorted(weight.kinds.items()))
    return f"{who:<12}{path:<28}{weight.requests:>4} requests{weight.size / 1000:>8.1f} kB   ({kinds})"


async def measure(browser: Browser, address: str) -> Weight:
    """Print a line a page; the weight of the first visit."""
    context = await browser.new_context()
    public = {path: await weigh(context, address + path) for path in PUBLIC}
    for path, weight in public.items():
        print(told("nobody", path, weight))
    for username, paths in PEOPLE.items():
        context = await browser.new_context()
        case = await sign_in(context, address, username)
        for path in paths:
            if wanted := case if path == CASE else path:
                print(told(username, wanted, await weigh(context, address + wanted)))
        await context.close()
    return public["/"]


async def main() -> None:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        if len(sys.argv) > 1:
            first = await measure(browser, sys.argv[1].rstrip("/"))
        else:
            async with demo() as address:
                first = await measure(browser, address)
        await browser.close()
    print(f"first visit: {first.requests} requests, {first.size:,} bytes; at most {MOST_REQUESTS} and {MOST_BYTES:,}")
    sys.exit(first.requests > MOST_REQUESTS or first.size > MOST_BYTES)


if __name__ == "__main__":
    asyncio.run(main())
