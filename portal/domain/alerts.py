"""What the owner of an account must learn about it."""

from enum import StrEnum


class Alert(StrEnum):
    """What an owner is warned of."""

    CODE_REPLAYED = "code-replayed"
    CODES_FAILED = "codes-failed"
    FACTOR_RESTS = "factor-rests"
    PASSKEY_DOUBTED = "passkey-doubted"
    RECOVERY_USED = "recovery-used"
