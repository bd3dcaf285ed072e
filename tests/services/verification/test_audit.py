"""The whole verification: what nobody touched agrees, what cannot be read is named, and a mistake of ours is none."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from portal.cli.verify import SENTENCES
from portal.domain.account_replay import AccountReplay
from portal.domain.replay import Replay
from portal.services.journal import log
from portal.services.verification import accounts, audit, case_columns, cases, entries, records, rules
from portal.services.verification.entries import Reference
from tests.world.staffed import Staffed
from tests.world.verification import World


async def test_what_nobody_touched_agrees(world: World) -> None:
    done = await world.verify(Reference(world.outside, "outside"))
    assert done.findings == ()
    assert (done.cases, done.checkpoints) == (2, 2)
    assert done.entries == await log.size()
    assert done.root == await log.root_at(done.entries)
    assert done.objects == 6 + 6 + 1


async def test_whatever_the_verbs_do_agrees(staffed: Staffed) -> None:
    assert await staffed.world.found() == []
    await staffed.sign_by_passkey()
    assert await staffed.world.found() == []


async def test_statements_that_lost_their_parts_are_named_and_stop_nothing(staffed: Staffed) -> None:
    await staffed.world.tamper(
        """UPDATE events SET statement = regexp_replace(statement, '"(values|signer|facts)"', '"gone"', 'g')
           WHERE subject_type <> 'case'"""
    )
    assert {"leaf-differs", "statement-unreadable"} <= {each.split()[0] for each in await staffed.world.found()}
    await staffed.world.tamper("""UPDATE events SET statement = '{"intent":{"signer":[]},"record":{"factor":1}}'""")
    assert "statement-unreadable" in {each.split()[0] for each in await staffed.world.found()}


def mistaken(*given: Any) -> Any:
    """What a check does that has a slip of the pen in it."""
    return given[0].nobody_wrote_this


CHECKS = [
    (AccountReplay, "play"),
    (Replay, "play"),
    (rules, "plain"),
    (accounts, "_approvers"),
    (case_columns, "_sitting"),
    (entries, "_signature"),
    (records, "_is_its_text"),
]


async def test_a_mistake_of_the_program_or_in_a_rule_is_no_forgery(world: World) -> None:
    first, *others = rules.ACTS
    slips: list[tuple[Any, str, Any]] = [(owner, name, mistaken) for owner, name in CHECKS]
    for rule in (replace(first, also=mistaken), replace(first, columns={"by": mistaken})):
        slips.append((cases, "ACTS", (rule, *others)))
    for owner, name, slip in slips:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(owner, name, slip)
            with pytest.raises(AttributeError, match="nobody_wrote_this"):
                await world.verify()
    assert await world.found() == []


def test_every_sentence_has_its_code() -> None:
    rooms = Path(audit.__file__).parent
    said = "".join(each.read_text() for each in rooms.glob("*.py"))
    said += "".join((rooms.parents[1] / f"domain/{name}.py").read_text() for name in ("replay", "account_replay"))
    said += '"account-missing" "case-missing" "ruleset-missing" "sitting-missing"'
    for code in SENTENCES:
        assert f'"{code}"' in said or code.startswith("checkpoint-"), code
