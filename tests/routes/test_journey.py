"""One case travels the whole way over HTTP, as a program that knows only pages and fields would walk it."""

import zipfile
from io import BytesIO
from pathlib import Path

import bagit

from portal.domain.lifecycle import State
from portal.letters import bags
from tests.world.builders import Builder
from tests.world.journey import walk
from tests.world.portal import Portal


async def test_a_case_travels_from_the_municipality_to_its_answer(portal: Portal) -> None:
    number = await walk(portal.as_)
    clerk = await portal.as_("clerk")
    page = await clerk.get(f"/cases/{number}/notice")
    assert page.status == 200
    letter = (await clerk.get(f"/cases/{number}/notice.pdf")).response
    assert letter.content.startswith(b"%PDF-")
    genuine = await portal.visit().post("/verify", files={"file": ("letter.pdf", letter.content, "application/pdf")})
    assert "این نامه اصیل و معتبر است" in genuine.words()
    other = await portal.visit().post(
        "/verify", files={"file": ("letter.pdf", letter.content + b" ", "application/pdf")}
    )
    assert "این فایل پس از امضا تغییر کرده است" in other.words()


async def test_the_archivist_downloads_a_bag_that_validates(portal: Portal, tmp_path: Path) -> None:
    number = await Builder(portal.people, portal.store, portal.clock).case(State.NOTIFIED)
    keeper = await portal.as_("keeper")
    assert number in (await keeper.get("/archive")).text
    package = (await keeper.get(f"/cases/{number}/archive.zip")).response
    assert package.status_code == 200
    (tmp_path / "package.zip").write_bytes(package.content)
    assert zipfile.ZipFile(BytesIO(package.content)).testzip() is None
    bag = bagit.Bag(str(bags.unpack(tmp_path / "package.zip", tmp_path / "out")))
    assert bag.is_valid()
    assert {"data/letter.pdf"} <= set(bag.payload_files())
