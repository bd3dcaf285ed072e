"""What somebody can write into the journal who holds the database's role, and neither its key nor anybody's code."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import uuid4

import asyncpg

from portal.domain import events, merkle
from portal.domain.events import EventKind, OfficeAct
from portal.domain.merkle import Frontier
from portal.services.identity.identity import Identity
from portal.services.journal import log
from tests.world.statements import whole

Statement = dict[str, Any]


async def frontier(link: Any) -> Frontier:
    """The journal's frontier, read leaf by leaf."""
    found = Frontier()
    for row in await link.fetch("SELECT leaf FROM events ORDER BY position"):
        found, _ = found.append(row["leaf"])
    return found


async def restoration(link: Any, by: Identity, about: str, at: datetime) -> tuple[Statement, dict[str, Any]]:
    """The intent of an administrator who never signed it, and a factor that they have: no row rests on the act."""
    factor = await link.fetchval(
        "SELECT id::text FROM second_factors WHERE person = $1 AND enrolled_at IS NOT NULL AND ended_at IS NULL", by.id
    )
    shown = events.basis(OfficeAct.RESTORATION, {"type": "account", "id": about}, None, [], {})
    intent = events.intent(
        shown,
        after=None,
        values={"reason": "گم شد"},
        signer=by.as_signer(),
        nonce=uuid4().hex,
        expires=events.moment(at),
        meaning=events.MEANINGS[OfficeAct.RESTORATION],
    )
    return intent, {"kind": "totp", "id": factor, "step": 1}


async def forge(
    url: str,
    by: Identity,
    about: str,
    *,
    at: datetime,
    dress: Callable[[Statement, Frontier], Statement] = lambda statement, before: statement,
) -> int:
    """Append a sign-off of `by` with its leaf and every node, under the role of `url`; its position.

    `dress` may add to the statement whatever else its forger thinks of.
    """
    link = await asyncpg.connect(url)
    try:
        async with link.transaction():
            await link.execute("SELECT pg_advisory_xact_lock($1)", log.LOCK)
            before = await frontier(link)
            intent, factor = await restoration(link, by, about, at)
            statement = whole(intent, kind=EventKind.RESTORATION_BEGUN, at=at, factor=factor, position=before.size)
            await insert(link, before, dress(statement, before))
    finally:
        await link.close()
    return before.size


async def insert(link: Any, before: Frontier, statement: Statement) -> None:
    """The rows of a statement that is the next leaf after `before`."""
    intent, record = statement["intent"], statement["record"]
    text = events.canonical(statement)
    leaf = merkle.leaf_hash(text)
    _, nodes = before.append(leaf)
    await link.execute(
        "INSERT INTO events (position, kind, subject_type, subject, person, at, nonce, statement, leaf) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        before.size,
        record["kind"],
        intent["subject"]["type"],
        intent["subject"]["id"],
        intent["signer"].get("id"),
        datetime.fromisoformat(record["at"]),
        intent["nonce"],
        text.decode(),
        leaf,
    )
    await link.executemany(
        "INSERT INTO journal_nodes (id, hash) VALUES ($1, $2)",
        [(log.node_id(level, index), each) for level, index, each in nodes],
    )
