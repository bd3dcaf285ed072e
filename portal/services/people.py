"""Who acts: the facts about a signed-in person that services and pages need. Read once a request."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from portal.domain.lifecycle import Role


@dataclass(frozen=True, slots=True)
class Identity:
    """A person as the one who acts. `municipality` and `province` are codes of the register.

    `address` is where the request comes from, `device` the browser's id if he has proved himself there before.
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

    def as_signer(self) -> dict[str, Any]:
        """The signer as a statement carries him."""
        return {
            "id": str(self.id),
            "username": self.username,
            "name": self.full_name,
            "title": self.title,
            "role": self.role,
            "place": {"municipality": self.municipality, "province": self.province, "name": self.place_name},
        }
