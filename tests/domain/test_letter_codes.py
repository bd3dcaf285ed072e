"""The short code of a letter and the signed text of its QR code."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from portal.domain import letter_codes, signed_notes
from portal.domain.journal_keys import JournalKey
from portal.domain.letter_codes import Claim, Worth
from portal.domain.lifecycle import Outcome
from portal.domain.signatures import Signs, message

BASE = "https://daraje.example"
CODE = "48217039561299403175"
SIGNER = signed_notes.signer("daraje.example/journal", bytes(range(32)))
KEY = JournalKey(SIGNER.key, 0, datetime(2026, 1, 1, tzinfo=UTC))
CLAIM = Claim(
    town="نهاوند",
    province="همدان",
    outcome=Outcome.RAISED,
    grade=9,
    date=date(2026, 11, 24),
    number="1405/214",
    code=CODE,
    statement=bytes.fromhex("35f1322f2f4f01e6"),
)
PAYLOAD = letter_codes.sign(CLAIM, SIGNER)
VECTOR = (
    "LjwyxotUJsdXXKiS5DOZ572sOSAtt4VAesRzSoyesrI7YrafMfUOopizf8ZzhsmaVx58JGbu1_Tgmuot-jQLufKJuQM18TIvL08B"
    "5gKdJVYEJDUhpzE0MDUvMjE0CjIwMjYtMTEtMjQKcmFpc2VkCjkK2YbZh9in2YjZhtivCtmH2YXYr9in2YY"
)
TEXT = letter_codes.address(BASE, CODE, PAYLOAD)


def _worth(text: str, *keys: JournalKey, base_url: str | None = BASE) -> Worth:
    return letter_codes.check(text, keys or (KEY,), base_url).worth


def test_codes_are_digits_that_differ() -> None:
    drawn = {letter_codes.draw() for _ in range(200)}
    assert len(drawn) == 200
    assert all(len(each) == 20 and each.isascii() and each.isdigit() for each in drawn)


@pytest.mark.parametrize(
    "typed",
    [
        CODE,
        "4821 7039 5612 9940 3175",
        "۴۸۲۱ ۷۰۳۹ ۵۶۱۲ ۹۹۴۰ ۳۱۷۵",
        "٤٨٢١-٧٠٣٩-٥٦١٢-٩٩٤٠-٣١٧٥",
        " 4821–7039\u200f5612۹۹۴۰\t3175\n",
    ],
)
def test_a_typed_code_is_read(typed: str) -> None:
    assert letter_codes.read(typed) == CODE


@pytest.mark.parametrize("typed", ["", "4821", CODE + "0", CODE[:-1] + "x", CODE[:-1] + "²", "0" * 100_000])
def test_what_is_no_code_is_none(typed: str) -> None:
    assert letter_codes.read(typed) is None


def test_a_code_is_shown_in_five_groups() -> None:
    assert letter_codes.grouped(CODE) == "4821 7039 5612 9940 3175"


def test_the_payload_is_the_same_bytes_for_ever() -> None:
    """A vector: a letter that is printed cannot be printed again."""
    assert (
        CLAIM.message()
        == (
            'daraje/letter-code/1\n{"code":"48217039561299403175","date":"2026-11-24","grade":9,"number":"1405/214",'
            '"outcome":"raised","province":"همدان","statement":"35f1322f2f4f01e6","town":"نهاوند"}'
        ).encode()
    )
    assert PAYLOAD == VECTOR


def test_a_genuine_text_says_what_was_claimed_and_by_which_key() -> None:
    for text in (TEXT, PAYLOAD, f"  {TEXT}\n"):
        checked = letter_codes.check(text, [KEY], BASE)
        assert (checked.worth, checked.claim, checked.key) == (Worth.GENUINE, CLAIM, KEY)


def test_a_refusal_has_no_grade() -> None:
    claim = replace(CLAIM, outcome=Outcome.REFUSED, grade=None)
    assert letter_codes.check(letter_codes.sign(claim, SIGNER), [KEY]).claim == claim


def test_no_character_can_be_changed() -> None:
    for at, character in enumerate(TEXT):
        for other in "A7_-":
            if other != character:
                changed = TEXT[:at] + other + TEXT[at + 1 :]
                assert _worth(changed) is not Worth.GENUINE, (at, other)
        assert _worth(TEXT[:at] + TEXT[at + 1 :]) is not Worth.GENUINE, at


def test_the_bits_behind_the_last_character_count_too() -> None:
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    assert {each for each in letters if _worth(PAYLOAD[:-1] + each) is Worth.GENUINE} == {PAYLOAD[-1]}


def test_names_far_longer_than_the_register_has_fit() -> None:
    town, province = "ن" * 32, "کهگیلویه و بویراحمد"
    payload = letter_codes.sign(replace(CLAIM, town=town, province=province, number="1405/999999"), SIGNER)
    assert len(payload) < 300


def test_a_key_of_nobody_is_a_stranger() -> None:
    other = signed_notes.signer("daraje.example/journal", bytes(32))
    assert _worth(letter_codes.sign(CLAIM, other)) is Worth.STRANGER
    assert _worth(TEXT, replace(KEY, key=other.key)) is Worth.STRANGER


def test_a_revoked_key_is_believed_no_more_and_told() -> None:
    revoked = replace(KEY, revoked_at=datetime(2027, 1, 1, tzinfo=UTC), reason="lost")
    checked = letter_codes.check(TEXT, [revoked], BASE)
    assert (checked.worth, checked.key) == (Worth.REVOKED, revoked)


@pytest.mark.parametrize(
    ("since", "until", "worth"),
    [
        (datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 11, 24, 12, tzinfo=UTC), Worth.GENUINE),
        (datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 11, 23, 12, tzinfo=UTC), Worth.OUT_OF_TIME),
        (datetime(2026, 11, 25, tzinfo=UTC), None, Worth.OUT_OF_TIME),
    ],
)
def test_a_key_signs_letters_of_its_time(since: datetime, until: datetime | None, worth: Worth) -> None:
    assert _worth(TEXT, replace(KEY, since_at=since, until=9 if until else None, until_at=until)) is worth


def test_an_address_opens_the_letter_that_is_signed_here() -> None:
    assert _worth(letter_codes.address(BASE, "0" * 20, PAYLOAD)) is Worth.ANOTHER_CODE
    elsewhere = letter_codes.address("https://daraje.example.org", CODE, PAYLOAD)
    assert _worth(elsewhere) is Worth.ELSEWHERE
    assert _worth(elsewhere, base_url=None) is Worth.GENUINE


def test_a_signature_of_another_kind_is_none_of_a_letter() -> None:
    content = CLAIM.message().partition(b"\n")[2]
    record = SIGNER.private.sign(message(Signs.RECORD, {}).partition(b"\n")[0] + b"\n" + content)
    raw = SIGNER.key.id + record + CLAIM.packed()
    assert _worth(letter_codes._encoded(raw)) is Worth.FORGED


@pytest.mark.parametrize("text", ["", "#", "سلام", "A" * 10, "A" * 400, "A" * 5000, "https://x/verify/1#A", "\ud800"])
def test_anything_else_is_unreadable(text: str) -> None:
    assert letter_codes.check(text, [KEY]).worth is Worth.UNREADABLE


@pytest.mark.parametrize("wrong", [{"town": "a\nb"}, {"code": "12"}, {"statement": b""}])
def test_no_claim_is_signed_that_cannot_be_read(wrong: dict[str, str]) -> None:
    with pytest.raises(ValueError):
        letter_codes.sign(replace(CLAIM, **wrong), SIGNER)  # type: ignore[arg-type]
