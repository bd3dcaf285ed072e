"""Verifying a letter in Chromium: the file stays where it is, and the page for no network needs none."""

import asyncio
import base64
import io
from pathlib import Path
from typing import Any

import pytest
import segno
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, BrowserContext, Page, Request

from portal.domain.lifecycle import State
from portal.services.letters import notices
from tests.world.builders import Builder
from tests.world.cases import case_of
from tests.world.portal import Portal

DECODE = """async (source) => {
  const picture = new Image();
  picture.src = source;
  await picture.decode();
  const canvas = Object.assign(document.createElement("canvas"), { width: picture.width, height: picture.height });
  const context = canvas.getContext("2d");
  context.drawImage(picture, 0, 0);
  return self.jsQR(context.getImageData(0, 0, canvas.width, canvas.height).data, canvas.width, canvas.height)?.data;
}"""
OLD = """
const own = crypto.subtle.importKey.bind(crypto.subtle);
crypto.subtle.importKey = (form, key, kind, ...more) =>
  kind === "Ed25519" ? Promise.reject(new DOMException("", "NotSupportedError")) : own(form, key, kind, ...more);
"""
"""A browser that has Web Crypto, and no Ed25519 in it."""


@pytest.fixture
async def notice(site: Portal) -> dict[str, Any]:
    number = await Builder(site.people, site.store, site.clock).case(State.NOTIFIED)
    found = await notices.of_case((await case_of(number))["id"])
    return {**found, "qr": f"{site.settings.base_url}/verify/{found['qr'].partition('/verify/')[2]}"}


async def _verified(context: BrowserContext, site: Portal, content: bytes) -> tuple[str, list[Request]]:
    """What the page says of a file, and the requests by which it was asked."""
    page, sent = await context.new_page(), list[Request]()
    page.on("request", lambda request: sent.append(request) if request.method == "POST" else None)
    await page.goto(f"{site.settings.base_url}/verify")
    await page.set_input_files("#field-file", {"name": "l.pdf", "mimeType": "application/pdf", "buffer": content})
    await page.get_by_role("button", name="استعلام فایل").click()
    await page.locator(".reply h1").wait_for()
    found = (await Axe().run(page)).response["violations"] if sent and context.pages else []
    assert not found, [(each["id"], each["nodes"][0]["html"]) for each in found]
    return await page.inner_text(".reply h1"), sent


async def test_a_file_is_never_sent_where_scripts_run(browser: Browser, site: Portal, notice: dict[str, Any]) -> None:
    context = await browser.new_context()
    letter = await site.store.get_bytes(notice["key"])
    said, sent = await _verified(context, site, letter)
    assert said == "این نامه اصیل و معتبر است"
    assert [each.headers["content-type"] for each in sent] == ["application/x-www-form-urlencoded"]
    assert sent[0].post_data == f"sha256={notice['sha256']}&code={notice['code']}"
    said, sent = await _verified(context, site, letter + b"\n")
    assert said.startswith("این فایل پس از امضا تغییر کرده است")
    assert len(sent[0].post_data or "") < 200


async def test_without_scripts_the_file_itself_is_sent(browser: Browser, site: Portal, notice: dict[str, Any]) -> None:
    context = await browser.new_context(java_script_enabled=False)
    page = await context.new_page()
    await page.goto(f"{site.settings.base_url}/verify")
    content = await site.store.get_bytes(notice["key"])
    await page.set_input_files("#field-file", {"name": "l.pdf", "mimeType": "application/pdf", "buffer": content})
    await page.get_by_role("button", name="استعلام فایل").click()
    assert await page.inner_text(".reply h1") == "این نامه اصیل و معتبر است"


async def _judged(page: Page, text: str) -> tuple[str, list[str]]:
    """What the page for no network says of a text: its colour, and the three answers."""
    await page.fill("#field-text", text)
    await page.get_by_role("button", name="بررسی متن").click()
    await page.locator("[data-part=result]:not([hidden])").wait_for()
    await page.wait_for_function("document.activeElement?.dataset.part === 'sentence'")
    kind = (await page.get_attribute("[data-part=answer]", "class") or "").removeprefix("reply ")
    return kind, await page.locator(".check .say").all_inner_texts()


@pytest.mark.parametrize("is_old", [False, True], ids=["with Ed25519", "without"])
async def test_the_page_for_no_network(
    browser: Browser, site: Portal, notice: dict[str, Any], tmp_path: Path, is_old: bool
) -> None:
    context = await browser.new_context()
    page, faults = await context.new_page(), list[str]()
    if is_old:
        await page.add_init_script(OLD)
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
    answer = await page.goto(f"{site.settings.base_url}/verify/offline")
    assert answer is not None
    kept = tmp_path / "verify.html"
    await asyncio.to_thread(kept.write_bytes, await answer.body())
    await context.set_offline(True)
    for address in (None, kept.as_uri()):
        if address:
            await page.goto(address)
        kind, said = await _judged(page, notice["qr"])
        assert (kind, said) == ("yes", ["بله", "نمی‌توان گفت", "بله"])
        assert await page.inner_text("[data-part=town]") == "اسدآباد"
        assert await page.inner_text("[data-part=grade]") == "۹"
        found = (await Axe().run(page)).response["violations"]
        assert not found, [(each["id"], each["nodes"][0]["html"]) for each in found]
        payload = notice["qr"].index("#") + 1
        for at in (8, payload - 5, payload, payload + 30, payload + 100, len(notice["qr"]) - 1):
            other = "5" if notice["qr"][at] != "5" else "6"
            kind, said = await _judged(page, notice["qr"][:at] + other + notice["qr"][at + 1 :])
            assert (kind, said[1]) == ("no", "نمی‌توان گفت"), at
    assert faults == []


async def test_the_page_reads_a_picture_itself(browser: Browser, site: Portal, notice: dict[str, Any]) -> None:
    """What it looks with where the browser has no BarcodeDetector."""
    page = await browser.new_page()
    await page.goto(f"{site.settings.base_url}/verify/offline")
    out = io.BytesIO()
    segno.make(notice["qr"], error="m", boost_error=False).save(out, kind="png", scale=3, border=4)
    source = f"data:image/png;base64,{base64.b64encode(out.getvalue()).decode()}"
    assert await page.evaluate(DECODE, source) == notice["qr"]
