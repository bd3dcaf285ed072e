"""What a form page shows again: sentences beside its fields, and what was typed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from portal.web.saved_forms import BEFORE


@dataclass(frozen=True, slots=True)
class FormState:
    """What a form page shows again: sentences by field and what was typed."""

    errors: dict[str, str]
    typed: Mapping[str, list[str]]
    status: int = 200

    def first(self, name: str, otherwise: Any = "") -> Any:
        """What was typed into `name`, else the value that the page would show unasked."""
        return self.typed[name][0] if self.typed.get(name) else ("" if self.typed else otherwise)

    def beside(self, name: str) -> dict[str, str]:
        """The sentences, those about a code put beside the field `name`, where that is what proves."""
        return {name if field == "code" else field: sentence for field, sentence in self.errors.items()}


NOTHING = FormState({}, BEFORE)
"""Nothing typed now: what was, before a session ended (`portal.web.saved_forms`), else nothing at all."""
