"""Sign-offs a second against PostgreSQL's own commits of the same rows, both durable, in one run.

Run it as `.venv/bin/python -m bench.signoffs`. A sign-off here is an attestation by one of `PEOPLE` officers at once:
its review is left out, its try is charged, its code compared and spent, its verdicts and its event written.
The baseline writes rows of the same sizes in one bare transaction each, from as many connections. Afterwards one batch
more is watched: how many statements a sign-off sends, and where its time goes.
"""

import asyncio
import cProfile
import pstats
import secrets
import statistics
import time
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any
from uuid import uuid4

import asyncpg

from bench.stage import person, stage
from portal import piccolo_conf
from portal.cli.connect import store_of
from portal.domain import totp
from portal.domain.attestations import Judgement
from portal.domain.lifecycle import Act, Role, Verdict
from portal.services.administration import demo
from portal.services.administration.accounts import NewAccount
from portal.services.cases import attestations, signing
from portal.services.identity.identity import Identity
from portal.services.signing import signoffs
from portal.services.signing.signoffs import Proof
from portal.settings import Settings
from portal.tables.events import Event
from portal.tables.places import Municipality
from tests.world.builders import Builder
from tests.world.statements_sent import statements

PEOPLE = 8
ROUNDS = 12
BATCHES = 3
LINES = 10


class Ticking:
    """The clock that the worlds are built by."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC) - timedelta(hours=6)

    def __call__(self) -> datetime:
        return self.now

    def tick(self, seconds: float = 31) -> datetime:
        self.now += timedelta(seconds=seconds)
        return self.now


async def cases_of(settings: Settings) -> list[tuple[str, Identity]]:
    """A submitted case and an officer of its province for each person at once."""
    towns = await Municipality.select().order_by(Municipality.code)
    by_province = {town["province"]: town for town in towns}
    cast: dict[str, Identity] = {}
    found = []
    clock = Ticking()
    async with store_of(settings) as store:
        for code, town in list(by_province.items())[:PEOPLE]:
            clerk, officer = f"clerk-{code}", f"officer-{code}"
            cast[clerk] = await person(
                NewAccount(clerk, "نام", "کارشناس", Role.MUNICIPALITY, municipality=town["code"])
            )
            cast[officer] = await person(NewAccount(officer, "نام", "کارشناس", Role.GOVERNORATE, province=code))
            builder = Builder(cast, store, clock)
            number = await builder.draft(clerk)
            await builder.submit(number, clerk)
            found.append((number, cast[officer]))
    return found


async def attest(number: str, by: Identity, now: datetime) -> None:
    """One whole sign-off, as the POST of a reviewed sheet does it."""
    dossier = await signing.approach(number, Act.ATTESTATION, by)
    code = totp.current_code(demo.secret_of(by.username), now)
    sheet = {held.id: Judgement(Verdict.AUTHENTIC, unseen="bench") for held in dossier.documents}
    prepared = await attestations.prepare(dossier, by=by, sheet=sheet)
    proof = Proof(code, prepared.basis, secrets.token_hex(16), now + timedelta(minutes=30))
    await signoffs.sign(prepared, proof, now=now)


async def signed(work: list[tuple[str, Identity]], now: datetime) -> float:
    """Sign-offs a second of one batch."""

    async def one(number: str, by: Identity) -> None:
        for round_ in range(ROUNDS):
            await attest(number, by, now + timedelta(seconds=31 * round_))

    begun = time.perf_counter()
    await asyncio.gather(*(one(number, by) for number, by in work))
    return PEOPLE * ROUNDS / (time.perf_counter() - begun)


async def watched(work: list[tuple[str, Identity]], now: datetime) -> None:
    """Print the statements of a sign-off, and the ten functions in which most of the time is spent."""
    async with statements() as asked:
        await attest(*work[0], now)
    print(f"{len(asked)} statements a sign-off")
    profile = cProfile.Profile()
    profile.enable()
    await signed(work, now + timedelta(minutes=1))
    profile.disable()
    out = StringIO()
    pstats.Stats(profile, stream=out).sort_stats("tottime").print_stats(LINES)
    print(f"Where the time of {PEOPLE * ROUNDS} sign-offs goes, by each function's own seconds:")
    print("\n".join(line for line in out.getvalue().splitlines()[6:] if line.strip()))


async def committed(url: str, statement: str) -> float:
    """Bare transactions a second that commit the same rows: a factor's step, an event, its node, six verdicts."""
    connections = [await asyncpg.connect(url) for _ in range(PEOPLE)]

    async def one(connection: Any, at: int) -> None:
        for _ in range(ROUNDS):
            async with connection.transaction():
                await connection.execute("UPDATE bench_factors SET last_step = last_step + 1 WHERE id = $1", at)
                await connection.execute(
                    "INSERT INTO bench_events (id, statement, leaf) VALUES ($1, $2, $3)",
                    uuid4(),
                    statement,
                    secrets.token_bytes(32),
                )
                await connection.execute(
                    "INSERT INTO bench_verdicts (document, declared, verdict)"
                    " SELECT $1, $2, $3 FROM generate_series(1, 6)",
                    uuid4(),
                    "d" * 64,
                    "authentic",
                )

    begun = time.perf_counter()
    await asyncio.gather(*(one(each, at) for at, each in enumerate(connections)))
    rate = PEOPLE * ROUNDS / (time.perf_counter() - begun)
    for each in connections:
        await each.close()
    return rate


async def main() -> None:
    async with stage() as settings:
        owner = settings.migration_database_url
        assert owner is not None
        connection = await asyncpg.connect(owner)
        await connection.execute(
            "CREATE TABLE bench_factors (id int PRIMARY KEY, last_step bigint);"
            "CREATE TABLE bench_events (id uuid PRIMARY KEY, statement text, leaf bytea);"
            "CREATE TABLE bench_verdicts (id bigserial PRIMARY KEY, document uuid, declared text, verdict text);"
            f"INSERT INTO bench_factors SELECT n, 0 FROM generate_series(0, {PEOPLE}) n"
        )
        await connection.close()
        await piccolo_conf.start_pool(least=PEOPLE, most=2 * PEOPLE)
        work = await cases_of(settings)
        now = datetime.now(UTC)
        await signed(work, now)
        ratios = []
        for batch in range(1, BATCHES + 1):
            last = await Event.select(Event.statement).order_by(Event.position, ascending=False).first()
            assert last is not None
            signs = await signed(work, now + timedelta(hours=batch))
            commits = await committed(owner, last["statement"])
            ratios.append(signs / commits)
            print(f"{signs:7.1f} sign-offs a second, {commits:7.1f} bare commits a second, ratio {ratios[-1]:.2f}")
        await watched(work, now + timedelta(hours=BATCHES + 1))
        print(f"median ratio {statistics.median(ratios):.2f}")
        await piccolo_conf.DB.close_connection_pool()


if __name__ == "__main__":
    asyncio.run(main())
