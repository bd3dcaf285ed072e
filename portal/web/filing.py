"""Where a file that is sent belongs, as its form or its upload says it."""

from dataclasses import dataclass, field
from uuid import UUID

from portal.domain import filenames
from portal.domain.declarations import DocumentKind
from portal.domain.documents import Filing
from portal.domain.errors import Invalid
from portal.web import forms

OLDEST, NEWEST = 1300, 1500  # settled years


@dataclass(frozen=True, slots=True)
class FilingForm:
    kind: DocumentKind = field(metadata={"parser": forms.choice(DocumentKind)})
    year: int | None = field(metadata={"parser": forms.whole(least=OLDEST, most=NEWEST)})
    replaces: UUID | None = field(metadata={"parser": forms.identifier(required=False)})
    once: UUID | None = field(metadata={"parser": forms.identifier(required=False)})

    def filing(self, filename: str) -> Filing:
        """Where the file belongs.

        Raises:
            Invalid: a settled budget without its year.
        """
        if self.kind is DocumentKind.SETTLEMENT and self.year is None:
            raise Invalid({"year": "blank"})
        year = self.year if self.kind is DocumentKind.SETTLEMENT else None
        return Filing(self.kind, year, self.replaces, filenames.clean(filename), self.once)
