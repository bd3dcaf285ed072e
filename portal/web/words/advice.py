"""What a clerk does next, in their own program, with a file that was refused: by reason and by who made the file.

Menus are named as Windows and the programs name them, in English. What is advised here is tried in
tests/papers/advice.
"""

from collections.abc import Mapping

from portal.domain.producers import Family, family
from portal.texts import N_, gettext

PRINT = N_(
    "Open it on Windows, press Ctrl+P, choose the printer “Microsoft Print to PDF” and upload the new file; or print "
    "it and scan the paper."
)
FROM_READER = N_(
    "Open it in Acrobat Reader, print it with the printer “Microsoft Print to PDF” and upload the new file."
)
SAVE_FROM_OFFICE = N_("Open the document in its own program, choose “Save As” and “PDF”, and upload the new file.")
EXPORT = N_("Open the document in LibreOffice, choose “Export as PDF” in the menu “File”, and upload the new file.")
NOT_HYBRID = N_(
    "In LibreOffice, choose “Export as PDF”; under “General”, untick “Hybrid PDF (embed ODF file)”, and upload the "
    "new file."
)
COPY_SCAN = N_(
    "Copy the file from the scanner again and wait until copying ends; if that does not help, scan the paper again."
)
APP_AGAIN = N_("In the app, create the PDF of these pages again, and upload the new file.")
FEWER_DOTS = N_("Set the scanner to 300 DPI and to the paper’s own size, and scan the paper again.")
APP_A4 = N_("In the app, choose the paper size A4 and medium quality, and create the PDF again.")

ADVICE: Mapping[str, Mapping[Family | None, str]] = {  # None: any other program
    "broken": {
        None: N_(
            "If it opens on your computer, press Ctrl+P, choose the printer “Microsoft Print to PDF” and upload the "
            "new file; if it does not, scan the paper again."
        ),
        Family.OFFICE: SAVE_FROM_OFFICE,
        Family.LIBREOFFICE: EXPORT,
        Family.SCANNER: COPY_SCAN,
        Family.PHONE: APP_AGAIN,
    },
    "cut_off": {
        None: N_("Copy the complete file again, check its last page, and upload it again."),
        Family.OFFICE: SAVE_FROM_OFFICE,
        Family.LIBREOFFICE: EXPORT,
        Family.SCANNER: COPY_SCAN,
        Family.PHONE: APP_AGAIN,
    },
    "encrypted": {
        None: N_(
            "Open it with its password, press Ctrl+P, choose the printer “Microsoft Print to PDF” and upload the new "
            "file; or save it again in its own program, without a password."
        ),
        Family.OFFICE: N_(
            "In Word, choose “Save As” and “PDF”; under “Options”, untick “Encrypt the document with a password”, "
            "and upload the new file."
        ),
        Family.LIBREOFFICE: N_(
            "In LibreOffice, choose “Export as PDF”; under “Security”, set no password, and upload the new file."
        ),
        Family.ACROBAT: N_(
            "In Acrobat, open “Properties” in the menu “File”; under “Security”, choose “No Security”, and save the "
            "file."
        ),
        Family.SCANNER: N_("In the scanner’s PDF settings, turn encryption and password off, and scan again."),
        Family.PHONE: N_("In the app, remove the password of the PDF, and create the PDF again."),
        Family.PRINTER: N_("In the settings of the PDF printer, turn encryption and password off, and print again."),
    },
    "no_pages": {
        None: N_("Open the document in its own program, create the PDF again, and check it before you upload it."),
        Family.SCANNER: COPY_SCAN,
        Family.PHONE: APP_AGAIN,
    },
    "too_many_pages": {
        None: N_(
            "Upload it in parts: press Ctrl+P, choose the printer “Microsoft Print to PDF” and enter the pages of "
            "each part under “Pages”."
        ),
        Family.OFFICE: N_(
            "Upload it in parts: choose “Save As” and “PDF”, and under “Options”, “Page range”, the pages of each part."
        ),
        Family.LIBREOFFICE: N_(
            "Upload it in parts: choose “Export as PDF”, and under “Range”, “Pages”, the pages of each part."
        ),
        Family.SCANNER: N_("Scan the paper in parts, and upload each part as a file of its own."),
    },
    "absurd_dimensions": {
        None: N_(
            "Press Ctrl+P, choose the printer “Microsoft Print to PDF” and the paper size A4 or A3, and upload the "
            "new file."
        ),
        Family.SCANNER: FEWER_DOTS,
        Family.PHONE: APP_A4,
    },
    "too_heavy": {
        None: N_("Print it, scan the paper at 300 DPI, and upload the new file."),
        Family.SCANNER: FEWER_DOTS,
        Family.PHONE: APP_A4,
        Family.ACROBAT: N_(
            "In Acrobat, choose “Save As Other” and “Reduced Size PDF” in the menu “File”, and upload the new file."
        ),
        Family.OFFICE: N_(
            "In Word, choose “Compress Pictures” and 150 ppi on the tab “Picture Format”, save as PDF, and upload "
            "the new file."
        ),
        Family.LIBREOFFICE: N_(
            "In LibreOffice, choose “Export as PDF”; under “General”, reduce the resolution of images to 300 DPI, "
            "and upload the new file."
        ),
    },
    "unfamiliar": {
        None: N_(
            "Open it on your computer and save it as PNG; or press Ctrl+P, choose the printer “Microsoft Print to "
            "PDF” and upload the new file."
        ),
        Family.SCANNER: N_("In the scanner’s settings, choose PDF or JPEG as the file type, and scan the paper again."),
    },
    "two_kinds": {None: PRINT, Family.LIBREOFFICE: NOT_HYBRID},  # what it embeds is a ZIP
    "scripts": {None: PRINT, Family.ACROBAT: FROM_READER},
    "dynamic_form": {None: FROM_READER},
    "launch_actions": {None: PRINT, Family.ACROBAT: FROM_READER},
    "acts_by_itself": {None: PRINT, Family.ACROBAT: FROM_READER},
    "embedded_files": {
        None: N_(
            "Save the attachments and upload each as a file of its own; open this file, press Ctrl+P, choose the "
            "printer “Microsoft Print to PDF” and upload the new file."
        ),
        Family.LIBREOFFICE: NOT_HYBRID,
        Family.ACROBAT: N_(
            "In Acrobat, open the panel “Attachments”, save its contents, delete them there, and save the file; "
            "upload each attachment as a file of its own."
        ),
    },
    "media": {None: PRINT, Family.ACROBAT: FROM_READER},
}


def of(code: str, producer: str) -> str:
    """What to do with a file refused for `code` that the program `producer` made, in the current locale."""
    by_family = ADVICE[code]
    return gettext(by_family.get(family(producer), by_family[None]))
