"""What was mended of a document before it could be shown, in words."""

from collections.abc import Iterable, Mapping

from portal.texts import N_, gettext

SENTENCES: Mapping[str, str] = {
    "leading_bytes": N_("What a copier or a mail program had put before the beginning of the PDF is left aside."),
    "trailing_bytes": N_("What stands behind the end of the PDF is left aside."),
    "cross_references": N_("The file's list of its own parts is damaged, and is made anew from what stands in it."),
    "jpeg_end": N_("The last two bytes of the picture are missing; all of its lines are there."),
    "png_end": N_("The closing part of the picture is missing; all of its lines are there."),
}
"""By the words of `Document.mended`."""


def said(mended: Iterable[str]) -> list[str]:
    """A sentence for each, in the current locale."""
    return [gettext(SENTENCES[each]) for each in mended if each in SENTENCES]
