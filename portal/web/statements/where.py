"""Which town a statement is about, and from which grade to which it goes: the first that a signer looks for."""

from collections.abc import Iterator

from portal.domain.lifecycle import Act
from portal.services.register import shipped
from portal.texts import gettext
from portal.web.formats import digits
from portal.web.statements.account_acts import Intent, Line


def told(intent: Intent) -> Iterator[Line]:
    """The lines that stand before all others, of a statement about a town."""
    facts, subject = intent["facts"], intent["subject"]
    code = subject["id"] if subject["type"] == "municipality" else facts.get("municipality", "")
    if town := facts.get("town"):
        province = facts.get("province") or shipped.province_name(code)
        place = gettext("%(town)s (%(province)s province)", town=town, province=province) if province else town
        yield Line(gettext("Municipality"), place)
    if change := _change(intent):
        yield Line(gettext("Change"), change)


def _change(intent: Intent) -> str:
    """From the held grade to the decided one, where a grade is decided."""
    decided = intent["values"] if intent["act"] == Act.DECISION else intent["facts"].get("decision", {})
    held, grade = (intent["declared"] or {}).get("current_grade"), decided.get("grade")
    if not grade:
        return ""
    if not held:
        return gettext("first grade: %(grade)s", grade=digits(grade))
    if held == grade:
        return gettext("none; grade %(grade)s is kept", grade=digits(grade))
    return gettext("from grade %(held)s to %(grade)s", held=digits(held), grade=digits(grade))
