"""Packages: everything of an answered case in one bag, the same bytes every time."""

import hashlib
import zipfile
from pathlib import Path

import pytest

from portal.domain import signed_notes
from portal.domain.errors import NotFound
from portal.domain.lifecycle import State
from portal.services.archive import packages
from portal.services.cases import cases
from portal.services.letters import notices
from portal.tables.acts import LetterScan
from portal.tables.documents import Document
from portal.tables.events import Event
from tests.world.builders import Builder, scan
from tests.world.cases import case_of
from tests.world.letter_scans import attach
from tests.world.seals import seal_all


async def contents(builder: Builder, number: str, by: str = "keeper") -> dict[str, bytes]:
    """What is in the package, by path below its payload."""
    top = f"{number}/data/"
    async with packages.package(number, by=builder.people[by], store=builder.store) as path:
        with zipfile.ZipFile(path) as archive:
            names = [each for each in archive.namelist() if each.startswith(top) and not each.endswith("/")]
            return {each.removeprefix(top): archive.read(each) for each in names}


async def test_a_package_holds_statements_documents_and_letter(builder: Builder) -> None:
    number = await builder.case(State.NOTIFIED)
    found = await contents(builder, number)
    notice = await notices.of_case((await case_of(number))["id"])
    assert hashlib.sha256(found["letter.pdf"]).hexdigest() == notice["sha256"]
    papers = {hashlib.sha256(data).hexdigest() for name, data in found.items() if name.startswith("documents/")}
    assert papers == {row["sha256"] for row in await Document.select()}
    said = {row["position"]: row["statement"] for row in await Event.select().where(Event.subject == number)}
    assert {name: data.decode() for name, data in found.items() if name.startswith("statements/")} == {
        f"statements/{position:08d}.json": statement for position, statement in said.items()
    }
    assert len([name for name in found if name.startswith("journal/proofs/")]) == len(said)
    assert signed_notes.read(found["journal/checkpoint.txt"].decode())


async def test_scans_of_the_signed_letter_are_packed_in_their_order(builder: Builder) -> None:
    number = await builder.case(State.NOTIFIED)
    await attach(builder, number, data=scan(1))
    await attach(builder, number, data=scan(2))
    found = await contents(builder, number)
    assert [found[f"letter-scans/{n}.pdf"] for n in (1, 2)] == [
        await builder.store.get_bytes(row["key"]) for row in await LetterScan.select().order_by(LetterScan.event)
    ]


async def test_a_package_holds_the_letter_as_it_then_is_and_says_so(builder: Builder) -> None:
    number = await builder.case(State.NOTIFIED)
    before = await contents(builder, number)
    assert "مهر الکترونیکی ندارد" in before["letter.txt"].decode()
    await seal_all(builder.store, builder.clock.tick())
    after = await contents(builder, number)
    assert after["letter.pdf"] != before["letter.pdf"]
    assert after["letter.pdf"].startswith(before["letter.pdf"])
    said = after["letter.txt"].decode()
    assert "مهر الکترونیکی دارد" in said
    assert hashlib.sha256(after["letter.pdf"]).hexdigest() in said


async def test_what_was_given_up_after_it_was_sent_is_packed_without_a_letter(builder: Builder) -> None:
    number = await builder.case(State.RETURNED)
    await builder.withdraw(number)
    found = await contents(builder, number)
    assert "letter.pdf" not in found
    assert len([name for name in found if name.startswith("documents/")]) == 6


async def test_made_again_it_has_the_same_bytes_and_is_gone_afterwards(builder: Builder) -> None:
    number = await builder.case(State.NOTIFIED)
    made, paths = list[bytes](), list[Path]()
    for name in ("keeper", "clerk"):
        async with packages.package(number, by=builder.people[name], store=builder.store) as path:
            made.append(path.read_bytes())
            paths.append(path)
        await builder.draft("neighbour" if name == "keeper" else "abroad")  # the journal grows by others' doings
        builder.clock.tick(24 * 3600)
    assert made[0] == made[1]
    assert not any(path.exists() for path in paths)


async def test_there_is_no_package_of_what_is_not_archived_or_not_in_sight(builder: Builder) -> None:
    given_up = await cases.open_case(by=builder.people["abroad"], now=builder.clock())
    await builder.withdraw(given_up, "abroad")
    number = await builder.case(State.DECIDED)
    for each, name in ((number, "auditor"), (number, "keeper"), (given_up, "abroad"), ("1405-99999", "auditor")):
        with pytest.raises(NotFound):
            await contents(builder, each, name)
    await builder.notify(number)
    for name in ("stranger", "neighbour", "head"):
        with pytest.raises(NotFound):
            await contents(builder, number, name)


async def test_the_archive_lists_what_each_reader_may_open_the_latest_first(
    builder: Builder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packages, "PAGE", 1)
    numbers = []
    for clerk in ("clerk", "neighbour"):
        numbers.append(await builder.case(State.RETURNED, clerk))
        await builder.withdraw(numbers[-1], clerk)
    first = await packages.listing(builder.people["keeper"], "")
    rest = await packages.listing(builder.people["keeper"], first["older"])
    assert [row["number"] for row in [*first["rows"], *rest["rows"]]] == numbers[::-1]
    assert rest["older"] is None
    assert [row["town"] for row in (await packages.listing(builder.people["clerk"], ""))["rows"]] == ["اسدآباد"]
    assert (await packages.listing(builder.people["abroad"], ""))["rows"] == []
    with pytest.raises(NotFound):
        await packages.listing(builder.people["head"], "")
