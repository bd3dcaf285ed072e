"""What was mended of a document before it could be shown, in words."""

from collections.abc import Iterable, Mapping

from portal.texts import N_, gettext

SENTENCES: Mapping[str, str] = {
    "leading_bytes": N_("Data that a copier or mail program added before the PDF is ignored."),
    "trailing_bytes": N_("Data after the end of the PDF is ignored."),
    "cross_references": N_("The file’s internal index is damaged and is rebuilt from its contents."),
    "jpeg_end": N_("The last two bytes of the image are missing; all of its lines are present."),
    "png_end": N_("The end of the image data is missing; all of its lines are present."),
}
"""By the words of `Document.mended`."""


def said(mended: Iterable[str]) -> list[str]:
    """A sentence for each, in the current locale."""
    return [gettext(SENTENCES[each]) for each in mended if each in SENTENCES]
