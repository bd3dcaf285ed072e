"""What an act may be refused for. A refusal carries a code and facts, never a sentence: the web layer words it."""

from collections.abc import Mapping
from typing import Any


class DomainError(Exception):
    """An act that is refused. `code` is a stable word, `facts` fill the sentence that a person reads."""

    def __init__(self, code: str, **facts: Any) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts


class Forbidden(DomainError):
    """The first door: the role may never do this (403)."""


class NotFound(DomainError):
    """The second door: no such thing within what this person may see (404)."""


class Conflict(DomainError):
    """The third door: the state does not allow it now (409)."""


class Overtaken(Conflict):
    """What a form would overwrite is no longer what its page showed (409)."""

    def __init__(self, **facts: Any) -> None:
        super().__init__("overtaken", **facts)


class Invalid(DomainError):
    """Fields that cannot be taken (422). `errors` maps a field's name to a code, or to a code with facts."""

    def __init__(self, errors: Mapping[str, "str | tuple[str, dict[str, Any]]"]) -> None:
        super().__init__("invalid")
        self.errors = dict(errors)


class ProofRefused(DomainError):
    """The fourth door: the code, or what it was bound to, does not hold (422)."""


class TooMany(DomainError):
    """A budget is spent; `seconds` says for how long (429)."""


class TooLarge(DomainError):
    """More bytes than the limit; `limit` in bytes (413)."""


class Unavailable(DomainError):
    """A part of the portal is not set up or does not answer (503): nothing is wrong with what the person did."""
