"""Why a file or an upload is refused, in words, by the code of the refusal."""

from collections.abc import Mapping

from portal.texts import N_, NN_

SENTENCES: Mapping[str, str | tuple[str, str]] = {
    # files
    "no-file": N_("Choose a file to upload."),
    "empty": N_("This file is empty; scan the document again."),
    "unknown-type": N_("This file is not a PDF, JPEG, PNG or TIFF; scan or save it as one of these."),
    "broken": N_("This file is incomplete or damaged and cannot be opened."),
    "cut_off": N_("The end of this file is missing, and with it pages or parts that the file refers to."),
    "not-whole": N_("The file did not arrive completely; upload it again."),
    "encrypted": N_("This file is password-protected."),
    "no_pages": N_("This file has no pages."),
    "too_many_pages": NN_("This file has more than %(most)s page.", "This file has more than %(most)s pages."),
    "absurd_dimensions": N_("The pages of this file are too large to be shown."),
    "too_heavy": N_("Opening this file takes too much time or memory."),
    "heavy-document": N_(
        "Several pages of this file needed too much time or memory, so the others are not shown; open the original, "
        "or ask for a new scan."
    ),
    "unfamiliar": N_("This image is compressed in a way that the portal does not support."),
    "two_kinds": N_("This file is of two types at once: other programs would show something different."),
    "scripts": N_("This file contains scripts, which could change what it shows."),
    "dynamic_form": N_("This file is a dynamic form (XFA), whose pages only Adobe’s programs show."),
    "launch_actions": N_("This file would start a program on the reader’s computer."),
    "acts_by_itself": N_("This file would open an address or another file, or submit a form, on its own."),
    "embedded_files": N_("Other files are attached inside this file, and would not be seen on its pages."),
    "media": N_("This file contains video, sound or three-dimensional content, which paper cannot show."),
    "infected": N_(
        "The virus scanner found %(virus)s in this file; clean the computer it came from and scan the document again."
    ),
    "scanner-away": N_(
        "The virus scanner does not answer, so no file can be accepted now; try again in a few minutes."
    ),
    "not-drawn": N_("There is no image of this page yet; open it in the reader."),
    "altered": N_("The stored file is not the recorded one; tell the administrator."),
    "file-too-large": N_("This file is larger than %(size)s; scan it at a lower resolution (DPI) and upload it again."),
    # uploads
    "digest-shape": N_("The file’s digest is not 64 hexadecimal digits; choose the file again."),
    "digest-differs": N_("What arrived is not what was sent: the two digests differ. Upload the file again."),
    "intake-documents": NN_(
        "A municipality can upload at most %(documents)s file a day; continue after %(until)s.",
        "A municipality can upload at most %(documents)s files a day; continue after %(until)s.",
    ),
    "intake-size": N_("A municipality can upload at most %(size)s a day; continue after %(until)s."),
    "intake-uploads": NN_(
        "At most %(most)s file of a municipality can be uploading at once; finish or cancel it, or continue after "
        "%(until)s.",
        "At most %(most)s files of a municipality can be uploading at once; finish or cancel some, or continue after "
        "%(until)s.",
    ),
    "no-upload": N_("There is no such upload in your cases."),
    "being-written": N_("This file is being uploaded from another window; it continues when that one stops."),
    "being-checked": N_("The file has arrived and is being checked; please wait."),
    "offset-differs": N_("This part does not begin where the received data ends."),
    "beyond-length": N_("More data arrived than the file’s announced size."),
    "checksum-differs": N_("This part arrived damaged and was not saved; it must be sent again."),
    "upload-expired": N_("This upload was unfinished for too long and was cancelled; upload the file again."),
    "upload-terminated": N_("This upload was cancelled; upload the file again."),
    "upload-closed": N_("The case no longer accepts documents, so this unfinished upload was cancelled."),
    "upload-lost": N_("The part of this file that had arrived is no longer stored; upload it again."),
    "starting": N_("The portal is starting and is waiting for its database or file store."),
    "try-later": N_("The portal cannot accept this right now; what has arrived is saved. Try again in a moment."),
}
