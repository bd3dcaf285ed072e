"""Archival packages: everything of a finished case in one BagIt bag (RFC 8493)."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import anyio

from portal.domain import offline, signed_notes
from portal.domain.errors import NotFound
from portal.domain.lifecycle import FINAL, State
from portal.letters import bags
from portal.services.cases import dossiers, worklists
from portal.services.identity.identity import Identity
from portal.services.journal import checkpoints, log
from portal.services.letters import seals
from portal.storage.objects import ObjectStore
from portal.tables.acts import LetterScan, Notice
from portal.tables.cases import Case, Submission
from portal.tables.documents import Document
from portal.tables.events import Event

ENDINGS = {"application/pdf": "pdf", "image/jpeg": "jpg", "image/png": "png", "image/tiff": "tif"}
PAGE = 25
LETTERS = {
    None: "نامهٔ این بسته مهر الکترونیکی ندارد.",
    False: "نامهٔ این بسته مهر الکترونیکی دارد و مهر زمان ندارد.",
    True: "نامهٔ این بسته مهر الکترونیکی و مهر زمان دارد.",
}
"""What the package says of the letter in it, by whether a time stamp covers it (None: no seal does)."""


@asynccontextmanager
async def package(number: str, *, by: Identity, store: ObjectStore) -> AsyncIterator[Path]:
    """The package of case `number` as a ZIP on disk, gone when the context ends.

    Made again it has the same bytes, whatever the day and the journal's size, until something new is written about
    the case or the journal has another key: a download that broke off can go on.

    Raises:
        NotFound: no such case in sight, or it is not final yet.
        portal.storage.calls.StoreUnavailable
    """
    case = await dossiers.find(number, by)
    if State(case["state"]) not in FINAL or case["archived_at"] is None:
        raise NotFound("package")
    with TemporaryDirectory(prefix="daraje-") as folder:
        here = Path(folder)
        files = await _gather(case, here, store)
        target = here / f"{number}.zip"
        await anyio.to_thread.run_sync(bags.write_bag_zip, target, number, files, bags.info(case))
        yield target


async def _gather(case: dict[str, Any], folder: Path, store: ObjectStore) -> list[tuple[str, Path | bytes]]:
    """Statements, letter, its scans and every document that was ever sent, fetched to `folder`."""
    files: list[tuple[str, Path | bytes]] = []
    rows = (
        await Event.select(Event.position, Event.statement)
        .where((Event.subject == case["number"]) & (Event.subject_type == "case"))
        .order_by(Event.position)
    )
    files += [(f"statements/{row['position']:08d}.json", row["statement"].encode()) for row in rows]
    files += await _proofs([row["position"] for row in rows])
    notice = await Notice.select().where(Notice.case == case["id"]).first()
    if notice is not None:
        form = await seals.current(notice)
        files.append(("letter.pdf", await _fetched(store, form.key, folder / "letter")))
        files.append(("letter.txt", f"{LETTERS[form.is_stamped]}\nSHA-256: {form.sha256}\n".encode()))
    scans = await LetterScan.select().where(LetterScan.case == case["id"]).order_by(LetterScan.event)
    for n, scan in enumerate(scans, 1):
        name = f"letter-scans/{n}.{ENDINGS[scan['media_type']]}"
        files.append((name, await _fetched(store, scan["key"], folder / str(scan["id"]))))
    sent = await Submission.select(Submission.documents).where(Submission.case == case["id"])
    wanted = {document for row in sent for document in row["documents"]}
    kept = Document.select().where(Document.id.is_in(list(wanted))).order_by(Document.uploaded_at, Document.id)
    for row in await kept if wanted else []:
        year = f"-{row['year']}" if row["year"] else ""
        name = f"documents/{row['kind']}{year}-v{row['version']}-{str(row['id'])[:8]}.{ENDINGS[row['media_type']]}"
        files.append((name, await _fetched(store, row["key"], folder / str(row["id"]))))
    return files


async def _proofs(positions: list[int]) -> list[tuple[str, Path | bytes]]:
    """The first checkpoint that covers the case, the journal's keys, and each statement's proof under it."""
    under = await checkpoints.covering(positions[-1])
    text = under.note or under.checkpoint.text()
    known = await checkpoints.history()
    keys = "".join(f"{each.key.text()}\n" for each in known)
    told = json.dumps(offline.published(known, await log.signed_since()), ensure_ascii=False, indent=2)
    files: list[tuple[str, Path | bytes]] = [
        ("journal/checkpoint.txt", text.encode()),
        ("journal/keys.txt", keys.encode()),
        ("journal/keys.json", f"{told}\n".encode()),
    ]
    for position in positions:
        path = await log.inclusion(position, under.checkpoint.size)
        proof = signed_notes.inclusion_proof(position, path, text)
        files.append((f"journal/proofs/{position:08d}.tlog-proof", proof.encode()))
    return files


async def _fetched(store: ObjectStore, key: str, path: Path) -> Path:
    await store.fetch(key, path)
    return path


async def listing(by: Identity, after: str) -> dict[str, Any]:
    """A page of the archived cases in sight, the latest first: `rows` and `older`."""
    where = Case.visible_to(by)
    if where is None:
        raise NotFound("archive")
    where = where & Case.archived_at.is_not_null()
    if bound := worklists.cursor(f"a{after}"):
        where = where & ((Case.since < bound.since) | ((Case.since == bound.since) & (Case.id < bound.id)))
    rows = await (
        Case.select(
            Case.id,
            Case.number,
            Case.state,
            Case.since,
            Case.current_grade,
            Case.decided_grade,
            Case.outcome,
            Case.municipality.display_name.as_alias("town"),
            Case.province.name.as_alias("province_name"),
        )
        .where(where)
        .order_by(Case.since, Case.id, ascending=False)
        .limit(PAGE + 1)
    )
    more, rows = len(rows) > PAGE, rows[:PAGE]
    older = f"{rows[-1]['since'].timestamp():.6f}~{rows[-1]['id']}" if more else None
    return {"rows": rows, "older": older}
