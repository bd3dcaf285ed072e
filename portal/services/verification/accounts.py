"""Accounts against the journal: people, their mandates, what proves them, and with what they signed."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from cryptography.fernet import InvalidToken
from piccolo.columns import Column
from piccolo.table import Table

from portal.domain import assertions
from portal.domain.account_replay import FIRST, AccountReplay, Said, UnknownMandate
from portal.domain.approvals import APPROVERS
from portal.domain.assertions import AssertionRefused
from portal.domain.lifecycle import Role
from portal.services.authentication import encryption, factor_confirmations, passwords
from portal.services.verification import shapes, statements
from portal.services.verification.rules import differs, plain
from portal.services.verification.statements import Entry, Finding, Row, Tick, Unreadable
from portal.tables.events import Event
from portal.tables.factors import Passkey
from portal.tables.mandates import FactorConfirmation, Mandate
from portal.tables.people import Person, SecondFactor

AT_ONCE = 100
"""Accounts whose rows are held at a time."""
ACCOUNT = "account"


async def walk(found: list[Finding], tick: Tick) -> None:
    """Every account, some at a time; and that no event speaks of one that is not there."""
    async for people in statements.batches(Person, Person.id, size=AT_ONCE):
        found += await of_people(people)
        tick(len(people))
    found += await statements.strangers(ACCOUNT, "people", "p.id::text")


async def of_people(people: Sequence[Row]) -> list[Finding]:
    """What disagrees between the rows of these accounts, and all that belongs to them, and their events."""
    ids = [row["id"] for row in people]
    found: list[Finding] = []
    replays = await _replayed([str(each) for each in ids], found)
    mandates = await _grouped(Mandate, Mandate.person, ids)
    codes = await _grouped(SecondFactor, SecondFactor.person, ids)
    keys = await _grouped(Passkey, Passkey.person, ids)
    confirmations = await _grouped(FactorConfirmation, FactorConfirmation.person, ids)
    for row in people:
        replay, person = replays[str(row["id"])], row["id"]
        found += _account(replay, row)
        found += _mandates(replay, mandates[person])
        found += _factors(replay, codes[person], keys[person])
        try:
            found += _confirmations(replay, confirmations[person], codes[person])
        except AssertionRefused:  # the public key that an event tells is none
            found.append(Finding("statement-unreadable", f"account {person}"))
    return found


async def _grouped(table: type[Table], owner: Column, ids: Sequence[UUID]) -> dict[UUID, list[dict[str, Any]]]:
    """The rows of `table` by the account that they belong to."""
    kept: dict[UUID, list[dict[str, Any]]] = {each: [] for each in ids}
    for row in await table.select().where(owner.is_in(list(ids))):
        kept[row[owner._meta.name]].append(row)
    return kept


async def _replayed(ids: Sequence[str], found: list[Finding]) -> dict[str, AccountReplay]:
    """The accounts `ids` as the events about them leave them; with what was signed on the way checked in its place."""
    replays = {each: AccountReplay() for each in ids}
    about = (Event.subject_type == ACCOUNT) & Event.subject.is_in(list(ids))
    theirs = Event.person.is_in(list(ids)) | about
    async for rows in statements.batches(Event, Event.position, *statements.COLUMNS, where=theirs):
        for row in rows:
            try:
                found += play(replays, statements.entry(row))
            except (Unreadable, UnknownMandate):
                found.append(statements.unreadable(row))
    return replays


def play(replays: Mapping[str, AccountReplay], entry: Entry) -> list[Finding]:
    """Take an event of or about one of these accounts; what is wrong with its signature.

    Raises:
        Unreadable, UnknownMandate.
    """
    statement, found = entry.statement, list[Finding]()
    signer = replays.get(statement.by or "")
    if signer is not None and statement.factor:
        statement.require(shapes.SIGNATURE)
        if wrong := signer.wrong_signature(statement.raw):
            found.append(Finding(wrong, f"entry {entry.position}"))
    if entry.subject_type == ACCOUNT and entry.subject in replays:
        statement.require(shapes.of_account(entry.kind, statement))
        replays[entry.subject].play(entry.kind, statement.raw)
    return found


def _account(replay: AccountReplay, row: Row) -> list[Finding]:
    where = f"account {row['id']}"
    if replay.account is None:
        return [Finding("account-unrecorded", where)]
    agrees = any(not differs(row, {**replay.account, **office}) for office in replay.offices())
    found = [] if agrees else [Finding("account-differs", where)]
    return found if _is_password(replay, row["password_hash"]) else [*found, Finding("password-differs", where)]


def _is_password(replay: AccountReplay, kept: str | None) -> bool:
    """Whether a password's hash is the one that was set last; one older than digests (0.3.0) may be any."""
    if kept is None:
        return not replay.has_password or replay.password_may_be_void
    return replay.has_password and replay.password in (None, passwords.digest(kept))


def _mandates(replay: AccountReplay, rows: Sequence[Row]) -> list[Finding]:
    found, said = [], dict(replay.mandates)
    for row in sorted(rows, key=lambda row: (row["granted_at"], str(row["id"]))):
        mandate = str(row["id"])
        told = said.pop(mandate, None) or said.pop(FIRST, None)
        if told is None:
            found.append(Finding("mandate-unrecorded", f"mandate {mandate}"))
        elif differs(row, told):
            found.append(Finding("mandate-differs", f"mandate {mandate}"))
    whose = replay.account["username"] if replay.account else ""
    return found + [Finding("mandate-missing", f"mandate {each or 'of ' + whose}") for each in said]


def _factors(replay: AccountReplay, codes: Sequence[Row], keys: Sequence[Row]) -> list[Finding]:
    found, said = [], dict(replay.factors)
    for row in codes:
        if row["enrolled_at"] is None:
            continue  # offered, and proves nothing: no event tells of it
        told = said.pop(str(row["id"]), None)
        found += _factor(row, told, "totp", ("enrolled_at", "ended_at"))
        if told and not _is_secret(row["secret"], told.get("fingerprint")):
            found.append(Finding("secret-differs", f"factor {row['id']}"))
    for row in keys:
        told = said.pop(str(row["id"]), None)
        found += _factor(row, told, "passkey", ("enrolled_at", "ended_at", "public_key", "credential", "is_synced"))
    return found + [Finding("factor-missing", f"factor {each}") for each in said]


def _factor(row: Row, told: Said | None, kind: str, names: Iterable[str]) -> list[Finding]:
    where = f"factor {row['id']}"
    if told is None:
        return [Finding("factor-unrecorded", where)]
    said = {name: told.get(name) for name in names}
    return [Finding("factor-differs", where)] if told["kind"] != kind or differs(row, said) else []


def _is_secret(closed: bytes, fingerprint: str | None) -> bool:
    """Whether a secret has the fingerprint of its enrolment; nothing is said where that or the key is not there."""
    if fingerprint is None:
        return True
    try:
        return factor_confirmations.of_secret(encryption.decrypt(closed)) == fingerprint
    except (InvalidToken, ValueError):
        return True


def _confirmations(replay: AccountReplay, rows: Sequence[Row], codes: Sequence[Row]) -> list[Finding]:
    found, said = [], list(replay.confirmed)
    offered = {str(row["id"]): plain(row["created_at"]) for row in codes}
    trusted: list[Row] = []
    for row in sorted(rows, key=lambda row: row["at"]):
        where = f"confirmation {row['id']}"
        told = next((each for each in said if _is_told(each, row)), None)
        if told is not None:
            said.remove(told)
        elif not _goes_without(replay, row, offered, trusted):
            found.append(Finding("confirmation-unrecorded", where))
            continue
        if row["by"] is None and row["approver"] not in _approvers(replay):
            found.append(Finding("confirmation-differs", where))
        trusted.append(row)
        if differs(row, {**(told or {}), "ended_at": replay.void_after(plain(row["at"]))}):
            found.append(Finding("confirmation-differs", where))
    return found + [Finding("confirmation-missing", f"factor {each['factor']}") for each in said]


def _is_told(told: Said, row: Row) -> bool:
    """Whether this is the event of a row: of one factor at one instant there is a row for each office."""
    office: Said = {name: told[name] for name in ("approver", "province") if name in told}
    return (told["factor"], told["at"]) == (str(row["factor"]), plain(row["at"])) and not differs(row, office)


def _approvers(replay: AccountReplay) -> set[str]:
    """The offices that agree to what the account has ever held."""
    return {APPROVERS[Role(mandate["role"])] for mandate in replay.mandates.values()}


def _goes_without(replay: AccountReplay, row: Row, offered: Mapping[str, str], trusted: Sequence[Row]) -> bool:
    """Whether a confirmation needs no event of its own.

    A demo's, one that the migration from version 0.1 gave, or that of a factor which a confirmed one enrolled.
    """
    factor, at = str(row["factor"]), plain(row["at"])
    made = replay.factors.get(factor)
    if row["by"] is not None:
        return False
    shown, begun = None, offered.get(factor)
    if made is not None and made["kind"] == "passkey":
        shown, begun = factor_confirmations.of_key(assertions.decode(made["public_key"])), made["enrolled_at"]
    elif made is not None:
        shown = made.get("fingerprint")
        if at == made["enrolled_at"] and (shown is None or made.get("by") == "demo"):
            return shown in (None, row["fingerprint"])
    others = (each for each in trusted if str(each["factor"]) != factor and _is_for_one_office(each, row))
    vouched = any(_stood(replay, each, at) for each in others)
    return vouched and at == begun and shown in (None, row["fingerprint"])


def _is_for_one_office(one: Row, other: Row) -> bool:
    return (one["approver"], one["province"]) == (other["approver"], other["province"])


def _stood(replay: AccountReplay, confirmation: Row, at: str) -> bool:
    """Whether a confirmed factor was there to vouch for another one at the instant `at`."""
    made = replay.factors.get(str(confirmation["factor"]))
    void = replay.void_after(plain(confirmation["at"]))
    return made is not None and (made["ended_at"] or at) >= at and (void or at) >= at
