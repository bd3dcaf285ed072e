"""Ten recovery codes: read however they are typed, each good once, wrong ones charged and told."""

from uuid import uuid4

import pytest

from portal.domain.alerts import Alert
from portal.domain.errors import ProofRefused
from portal.services.authentication import recovery_codes
from portal.services.authentication.recovery_codes import Found, Recovery
from portal.services.identity.identity import Identity
from portal.tables.factors import Caution, RecoveryCode
from tests.world.cast import Cast
from tests.world.clock import Clock
from tests.world.services import kinds, recovery_codes_of, statements

PLAIN = "0123456789ABCDEFGHJKMNPQ"


@pytest.mark.parametrize(
    "typed",
    [
        "0123-4567-89AB-CDEF-GHJK-MNPQ",
        "0123 4567 89ab cdef ghjk mnpq",
        "۰۱۲۳-۴۵۶۷-۸۹AB-CDEF-GHJK-MNPQ",
        "OL23-4567-89AB-CDEF-GHJK-MNPQ",
        " oi2345678 9abcdefghjkmnpq. ",
    ],
)
def test_a_code_is_the_same_however_it_is_typed(typed: str) -> None:
    assert recovery_codes.normalise(typed) == PLAIN


@pytest.mark.parametrize("typed", ["", PLAIN[:-1], f"{PLAIN}R", PLAIN.replace("A", "U"), "ا" * 24])
def test_anything_else_is_no_code(typed: str) -> None:
    assert recovery_codes.normalise(typed) is None


async def use(by: Identity, code: str, clock: Clock) -> Found:
    async with recovery_codes.proving(by, Recovery(code), "sign-in", now=clock()) as found:
        async with RecoveryCode._meta.db.transaction():
            await recovery_codes.consume(found, now=clock())
        return found


async def test_ten_are_issued_and_the_ones_before_are_void(people: Cast, clock: Clock) -> None:
    clerk = people["clerk"]
    before = await recovery_codes_of(clerk, clock)
    codes = await recovery_codes_of(clerk, clock)
    assert len({*map(recovery_codes.normalise, codes)} - {None}) == await recovery_codes.left(clerk.id) == 10
    with pytest.raises(ProofRefused, match="wrong-recovery-code"):
        await use(clerk, before[0], clock)
    await use(clerk, codes[0].lower(), clock)
    assert await recovery_codes.left(clerk.id) == 9
    assert (await kinds(clerk.id)).count("RecoveryCodesIssued") == 2


async def test_a_code_is_good_once_for_its_owner_who_is_told(people: Cast, clock: Clock) -> None:
    clerk = people["clerk"]
    codes = await recovery_codes_of(clerk, clock)
    with pytest.raises(ProofRefused, match="wrong-recovery-code"):
        await use(people["neighbour"], codes[0], clock)
    found = await use(clerk, codes[0], clock)
    last = (await statements(clerk.id))[-1]
    assert last["record"]["kind"] == "RecoveryCodeUsed"
    assert last["intent"]["values"] == {"code": str(found.id), "for": "sign-in", "left": 9}
    [told] = await Caution.select().where(Caution.person == clerk.id)
    assert told["kind"] == Alert.RECOVERY_USED
    with pytest.raises(ProofRefused, match="wrong-recovery-code"):
        await use(clerk, codes[0], clock)


async def test_of_two_acts_that_hold_one_code_one_spends_it(people: Cast, clock: Clock) -> None:
    clerk = people["clerk"]
    given = Recovery((await recovery_codes_of(clerk, clock))[0])
    async with (
        recovery_codes.proving(clerk, given, "sign-in", now=clock()) as first,
        recovery_codes.proving(clerk, given, "replacement", now=clock()) as second,
    ):
        await recovery_codes.consume(first, now=clock())
        with pytest.raises(ProofRefused, match="wrong-recovery-code"):
            await recovery_codes.consume(second, now=clock())
    assert await recovery_codes.left(clerk.id) == 9


async def test_wrong_ones_pause_and_warn_and_a_right_one_pays_them_back(people: Cast, clock: Clock) -> None:
    clerk = people["clerk"]
    codes = await recovery_codes_of(clerk, clock)
    for _ in range(5):
        with pytest.raises(ProofRefused, match="wrong-recovery-code"):
            await use(clerk, PLAIN, clock)
    with pytest.raises(ProofRefused) as refused:
        await use(clerk, codes[0], clock)
    assert (refused.value.code, refused.value.facts) == ("paused", {"seconds": 30})
    last = (await statements(clerk.id))[-1]
    assert (last["record"]["kind"], last["intent"]["values"]["kind"]) == ("CodesFailed", "recovery")
    clock.tick(30)
    await use(clerk, codes[0], clock)
    with pytest.raises(ProofRefused, match="wrong-recovery-code"):
        await use(clerk, PLAIN, clock)
    await use(clerk, codes[1], clock)


async def test_a_code_lets_in_to_what_its_factor_or_its_successor_lets_in_to(people: Cast, clock: Clock) -> None:
    clerk = people["clerk"]
    codes = await recovery_codes_of(clerk, clock)
    former, heir = (await use(clerk, codes[0], clock)).factor, uuid4()
    assert former is not None
    await recovery_codes.inherit(former, heir)
    assert (await use(clerk, codes[1], clock)).factor == heir
    await recovery_codes.end_all(clerk.id, now=clock())
    assert await recovery_codes.left(clerk.id) == 0
