"""What a letter says comes from its case: names, papers, score, and what the signature adds."""

from portal.domain import letter_codes, persian
from portal.domain.letter_codes import Worth
from portal.domain.lifecycle import Act, State
from portal.services.cases import dossiers
from portal.services.journal import keys
from portal.services.letters import content, notices, rulings
from tests.world.builders import Builder
from tests.world.cases import case_of, statement_at


async def test_a_letter_names_what_its_case_holds(builder: Builder) -> None:
    number, by = await builder.case(State.DECIDED), builder.people["minister"]
    dossier = await dossiers.open_dossier(number, by)
    ruling = await rulings.ruling(dossier, Act.SIGNATURE)
    letter = content.draft(dossier, ruling, by, base_url="https://daraje.example", seal="none")
    assert (letter.municipality, letter.province, letter.case_number) == ("اسدآباد", "همدان", number)
    assert (letter.previous_grade, letter.requested_grade, letter.grade) == (7, 9, 9)
    assert [(each.kind, each.year, each.sha256) for each in letter.papers] == [
        (held.row["kind"], held.row["year"], held.row["sha256"]) for held in dossier.documents
    ]
    assert letter.verify_address == "daraje.example/verify"
    assert (letter.minister_name, letter.minister_title) == (by.full_name, "وزیر کشور")
    unknown = content.draft(dossier, ruling, None, base_url="https://daraje.example", seal="none")
    assert unknown.minister_name == ""


async def test_the_qr_code_of_a_letter_is_signed_by_the_journal(builder: Builder) -> None:
    number = await builder.case(State.NOTIFIED)
    notice = await notices.of_case((await case_of(number))["id"])
    checked = letter_codes.check(notice["qr"], await keys.history())
    assert checked.worth is Worth.GENUINE
    assert checked.claim is not None
    statement = await statement_at(notice["event"])
    assert checked.claim.statement.hex() == statement["record"]["intent_sha256"][:16]
    assert (checked.claim.number, checked.claim.code, checked.claim.grade) == (notice["number"], notice["code"], 9)
    assert checked.claim.date == persian.tehran_date(notice["at"])
    assert len(notice["qr"].partition("#")[2]) < 300
