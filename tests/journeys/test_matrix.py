"""Every role, act, state and place over HTTP: exactly what DESIGN §1 allows, and the door that refuses the rest.

The tables below are copied from the design by hand; nothing here reads the portal's own.
"""

import pytest

from portal.domain.lifecycle import State
from tests.world.builders import Builder
from tests.world.client import Visitor
from tests.world.portal import Portal

ALLOWED: dict[str, dict[str, str]] = {
    "draft": {
        "declaration": "municipality",
        "documents": "municipality",
        "submission": "municipality",
        "withdrawal": "municipality",
    },
    "submitted": {"attestation": "governorate", "confirmation": "governorate", "return": "governorate"},
    "returned": {
        "declaration": "municipality",
        "documents": "municipality",
        "submission": "municipality",
        "withdrawal": "municipality",
    },
    "confirmed": {"assessment": "organization", "return": "organization"},
    "assessed": {"assessment": "organization", "decision": "organization", "return": "organization"},
    "decided": {"signature": "minister", "refusal": "minister"},
    "notified": {},
    "withdrawn": {},
}
EVER = {
    "declaration": {"municipality"},
    "documents": {"municipality"},
    "submission": {"municipality"},
    "withdrawal": {"municipality"},
    "attestation": {"governorate"},
    "confirmation": {"governorate"},
    "return": {"governorate", "organization"},
    "assessment": {"organization"},
    "decision": {"organization"},
    "signature": {"minister"},
    "refusal": {"minister"},
}
SEEN = {
    "draft": {"municipality", "auditor"},
    "submitted": {"municipality", "governorate", "auditor"},
    "returned": {"municipality", "governorate", "auditor"},
    "confirmed": {"municipality", "governorate", "organization", "minister", "auditor"},
    "assessed": {"municipality", "governorate", "organization", "minister", "auditor"},
    "decided": {"municipality", "governorate", "organization", "minister", "auditor"},
    "notified": {"municipality", "governorate", "organization", "minister", "archivist", "auditor"},
    "withdrawn": {"municipality", "auditor"},  # here: withdrawn from a draft, never submitted
}
PEOPLE = {
    ("municipality", "own"): "clerk",
    ("municipality", "foreign"): "abroad",
    ("governorate", "own"): "officer",
    ("governorate", "foreign"): "stranger",
    ("organization", "own"): "examiner",
    ("minister", "own"): "minister",
    ("archivist", "own"): "keeper",
    ("auditor", "own"): "auditor",
    ("administrator", "own"): "head",
}
# What is still missing in the world of this state, so that the act is refused for that (409), not for its state.
UNREADY = {
    ("submitted", "confirmation"),  # not every document is attested authentic
    ("returned", "declaration"),  # the return did not reopen it
    ("returned", "submission"),  # the refused document is still there
}


def expected(role: str, place: str, act: str, state: str) -> int | None:
    """The status of the door that refuses, or None where all are open."""
    if role not in EVER[act]:
        return 403
    if role not in SEEN[state] or place == "foreign":
        return 404
    if ALLOWED[state].get(act) != role or (state, act) in UNREADY:
        return 409
    return None


async def probe(visitor: Visitor, number: str, act: str) -> tuple[int, int]:
    """The statuses of GET and POST; the POST is one that an open door answers with 422, so that nothing happens."""
    url = f"/cases/{number}/{act}"
    if act == "documents":
        sent = await visitor.post(url, {"kind": "nothing"}, files={"file": ("a.pdf", b"%PDF-", "application/pdf")})
        return sent.status, sent.status
    got = await visitor.get(url)
    sent = await visitor.post(url, {"population": "x", "sitting": "x", "reopen": "x"})
    return got.status, sent.status


@pytest.mark.parametrize("state", list(ALLOWED))
async def test_only_what_the_design_allows(portal: Portal, state: str) -> None:
    number = await Builder(portal.people, portal.store, portal.clock).case(State(state))
    wrong: list[tuple[object, ...]] = []
    for (role, place), username in PEOPLE.items():
        visitor = await portal.as_(username)
        page = await visitor.get(f"/cases/{number}")
        seen = 403 if role == "administrator" else 200 if role in SEEN[state] and place == "own" else 404
        if page.status != seen:
            wrong.append((role, place, "case", state, page.status, seen))
        if page.status == 200:
            offered = {each.get("href", "").rpartition("/")[2] for each in page.all("a")} & set(EVER)
            allowed = {act for act, who in ALLOWED[state].items() if who == role and (state, act) not in UNREADY}
            if offered != allowed - {"documents"}:
                wrong.append((role, place, "buttons", state, offered, allowed))
        for act in EVER:
            refusal = expected(role, place, act, state)
            want = (refusal, refusal) if refusal else (422, 422) if act == "documents" else (200, 422)
            found = await probe(visitor, number, act)
            if found != want:
                wrong.append((role, place, act, state, found, want))
    assert not wrong


async def test_nobody_signed_in_is_led_to_the_door(portal: Portal) -> None:
    number = await Builder(portal.people, portal.store, portal.clock).case(State.DRAFT)
    for act in EVER:
        page = await portal.visit().get(f"/cases/{number}/{act}")
        assert (page.status, page.location.partition("?")[0]) == (303, "/login")
