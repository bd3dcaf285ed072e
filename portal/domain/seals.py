"""How far the seal of a letter is."""

from enum import StrEnum


class SealState(StrEnum):
    """Of a signed letter. `none`: there is no seal here, by choice; what is pending is tried until it succeeds."""

    NONE = "none"
    PENDING = "pending"
    SEALED = "sealed"
    STAMP_PENDING = "stamp-pending"
    STAMPED = "stamped"


def state_of(is_stamped: bool | None, *, seals: bool, stamps: bool) -> SealState:
    """Of a letter whose newest seal `is_stamped` (None: it has none) where the portal `seals` and `stamps`."""
    match is_stamped:
        case True:
            return SealState.STAMPED
        case False:
            return SealState.STAMP_PENDING if stamps else SealState.SEALED
        case None:
            return SealState.PENDING if seals else SealState.NONE
