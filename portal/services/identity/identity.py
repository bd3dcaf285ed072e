"""Who acts: the facts about a signed-in person that services and pages need. Read once a request."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from portal.domain.lifecycle import Role
from portal.domain.mandates import MandateKind


@dataclass(frozen=True, slots=True)
class Identity:
    """A person as the one who acts, in the office that their mandate gives them now.

    `title` is the one that they sign with: an acting officer's or a deputy's says so. `municipality` and `province`
    are codes of the register. `address` is where the request comes from, `device` the browser's id if they have proved
    themselves there before.
    """

    id: UUID
    username: str
    full_name: str
    title: str
    role: Role
    municipality: str | None
    province: str | None
    place_name: str
    session: UUID | None = None
    enrolled: bool = True
    address: str = ""
    device: str | None = None
    mandate: UUID | None = None
    mandate_kind: MandateKind = MandateKind.REGULAR
    confirmed: bool = True
    """Whether a second person has confirmed a factor of theirs: without it they sign nothing."""
    restoring: bool = False
    """Whether somebody asked for a way in past a lost device of theirs, to which they can object."""

    def as_signer(self) -> dict[str, Any]:
        """The signer as a statement carries them, with the mandate that they sign under."""
        return {
            "id": str(self.id),
            "username": self.username,
            "name": self.full_name,
            "title": self.title,
            "role": self.role,
            "place": {"municipality": self.municipality, "province": self.province, "name": self.place_name},
            "mandate": {"id": str(self.mandate) if self.mandate else None, "kind": self.mandate_kind},
        }
