"""Families of programs that make files, told by the names that their files carry.

Whoever advises a clerk and whoever counts refusals speaks of families, since a program has a hundred versions.
"""

import re
from enum import StrEnum


class Family(StrEnum):
    """Programs in which one and the same thing helps."""

    PRINTED = "printed"
    PHONE = "phone"
    SCANNER = "scanner"
    SERVICE = "service"
    PRINTER = "printer"
    BROWSER = "browser"
    LIBREOFFICE = "libreoffice"
    OFFICE = "office"
    ACROBAT = "acrobat"
    OTHER = "other"
    UNKNOWN = "unknown"


NAMES: tuple[tuple[Family, str], ...] = (  # the first that fits: what is told of a machine stands before its library
    (Family.PRINTED, r"microsoft:? print to pdf|microsoft xps"),
    (
        Family.PHONE,
        r"camscanner|intsig|adobe scan|(?:office|microsoft) lens|genius scan|tapscanner|turboscan|swiftscan"
        r"|clearscanner|scanner pro|notebloc|iphone|ipad|\bios\b|android|\bsm-[a-z]\d|xiaomi|redmi|huawei|\bapple\b",
    ),
    (
        Family.SCANNER,
        r"canon|\bhp\b|hewlett|epson|kyocera|ecosys|taskalfa|\bkm_|fujitsu|paperstream|scansnap|\bpfu\b|naps2|xerox"
        r"|ricoh|konica|bizhub|brother|toshiba|\bsharp\b|lexmark|samsung|avision|plustek|panasonic|kodak|\boki\b"
        r"|develop ineo"
        r"|finereader|readiris|i\.r\.i\.s|omnipage|vuescan|imagerunner|\bir-?adv|\btwain\b|scan",
    ),
    (
        Family.SERVICE,
        r"ilovepdf|smallpdf|pdf24|sejda|pdf ?candy|soda ?pdf|itext|pdftk|aspose|tcpdf|fpdf|pdf-lib|dompdf",
    ),
    (
        Family.PRINTER,
        r"ghostscript|pdfcreator|cutepdf|dopdf|novapdf|bullzip|biopdf|primopdf|pdffactory|clawpdf|win2pdf|foxit|nitro"
        r"|universal document converter|pdf-xchange",
    ),
    (Family.BROWSER, r"skia/pdf|chrom(?:e|ium)|firefox|wkhtml|\bqt \d"),
    (Family.LIBREOFFICE, r"libreoffice|openoffice|staroffice|neooffice"),
    (Family.OFFICE, r"\bword\b|\bexcel\b|powerpoint|microsoft.{0,3} office|\bpublisher\b"),
    (Family.ACROBAT, r"adobe|acrobat|livecycle|indesign|distiller|photoshop|illustrator|designer \d"),
)
_FOUND = tuple((family, re.compile(names, re.IGNORECASE)) for family, names in NAMES)


def family(producer: str) -> Family:
    """The family of the program that `producer` names, as a file's metadata have it.

    UNKNOWN where nothing is said, OTHER for a program of none.
    """
    if not producer.strip():
        return Family.UNKNOWN
    return next((each for each, names in _FOUND if names.search(producer)), Family.OTHER)
