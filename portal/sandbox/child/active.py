"""Active content in a PDF: what runs, starts, sends or hides something. Two readers of their own look for it.

qpdf walks every object that its tables name, and `standing` whatever else the bytes hold. Content is refused where it
is: at the action that runs, the file that is attached, not at an empty list of them. What a click of the reader follows
(a link, a button that sends a form) is no active content; the same action is, where opening or pointing sets it off.
Names and types after ISO 32000-2, 12.6 (actions), 7.11 (file specifications), 13 (multimedia), and XFA.
"""

import itertools
from collections.abc import Iterable, Iterator

import pikepdf

from portal.sandbox.child.bodies import Words, heads, words_in
from portal.sandbox.child.standing import Standing, is_suspicious, standing
from portal.sandbox.child.tokens import Dictionary, Name, Ref, Value, parsed
from portal.sandbox.child.whole import require_whole
from portal.sandbox.child.window import BUFFER, Window
from portal.sandbox.errors import Unreadable, fits

ACTIONS = {  # by the value of /S
    "Launch": "launch_actions",
    "Rendition": "media",
    "Movie": "media",
    "Sound": "media",
    "RichMediaExecute": "media",
    "GoTo3DView": "media",
}
OF_ITSELF = frozenset({"SubmitForm", "ImportData", "GoToR", "GoToE", "URI", "Thread"})
"""Actions that leave the document: for a click alone."""
KINDS = {  # by the value of /Type or /Subtype
    "EmbeddedFile": "embedded_files",
    "FileAttachment": "embedded_files",
    "RichMedia": "media",
    "Screen": "media",
    "Movie": "media",
    "Sound": "media",
    "3D": "media",
}
HOLDING: dict[str, tuple[type, str]] = {  # what stands under a key, unless it is empty
    "JS": (bytes, "scripts"),
    "XFA": (list, "dynamic_form"),
    "EF": (Dictionary, "embedded_files"),
}
ALONE = ACTIONS | KINDS  # a name that is an object of its own: no program writes one, an action may point at it
OF_ACTIONS = ("F", "Win", "Mac", "Unix", "Sound", "AN", "Annotation", "TA")
"""Keys of the actions in `ACTIONS`, and of no part of a text."""
PICTURE = b"/Image"
SMALLEST, MOST_NUMBERS = 3, 8_388_607  # bytes that qpdf grants to each number, and the highest (ISO 32000-1, annex C)
MOST_WRITTEN = 512 * 1024 * 1024  # bytes of all objects together, without their streams
LONGEST_CHAIN = 1_000  # actions that one sets off


def require_passive(seen: Window, pages: int) -> bool:
    """Walks every object of the PDF, in which PDFium counted `pages`; whether its tables had to be mended.

    qpdf drops objects of a number that so small a file can hardly hold, as a page has that was cut out of a large one:
    then the file is made longer for it.

    Raises:
        Unreadable: scripts, dynamic_form, launch_actions, acts_by_itself, embedded_files, media; absurd_dimensions;
            cut_off, broken where the parsers disagree; encrypted, too_heavy.
    """
    words = words_in(seen.data)
    try:
        return _looked_through(seen, words, pages, 0)
    except Unreadable as error:
        padding = SMALLEST * max((number or 0 for _, _, number in heads(words)), default=0) + BUFFER - len(seen)
        if error.code not in ("broken", "cut_off") or not 0 < padding <= SMALLEST * MOST_NUMBERS:
            raise
    return _looked_through(seen, words, pages, padding)


def _looked_through(seen: Window, words: Words, pages: int, padding: int) -> bool:
    try:
        with pikepdf.open(seen.file(padding), suppress_warnings=True) as pdf:
            found = standing(words, _Known(pdf, seen).content, is_encrypted=pdf.is_encrypted)
            _require_harmless(found.suspects, found)
            _require_harmless(_as_qpdf_reads(pdf), found)
            if len(pdf.pages) != pages:
                raise Unreadable("broken")
            is_mended = not seen.is_ended or _is_mended(pdf)
            if is_mended:
                require_whole(found, _root(pdf), pages)
            return is_mended
    except pikepdf.PasswordError as error:
        raise Unreadable("encrypted") from error
    except pikepdf.PdfError as error:
        raise Unreadable("broken" if seen.is_ended else "cut_off") from error


def _root(pdf: pikepdf.Pdf) -> int:
    return int(pdf.trailer.Root.objgen[0])


def _is_mended(pdf: pikepdf.Pdf) -> bool:
    return any("reconstruct" in str(each) for each in pdf.get_warnings())


class _Known:
    """The streams that qpdf knows, by number and by where they begin in the file."""

    def __init__(self, pdf: pikepdf.Pdf, seen: Window) -> None:
        self._pdf, self._start = pdf, seen.start
        self._places = {
            (number, entry.offset): generation
            for (number, generation), entry in pdf.get_xref_table().items()
            if entry.type == 1
        }

    def content(self, number: int, begins: int) -> bytes | None:
        """What the stream holds; None where qpdf finds no object of this number there, or cannot unpack it."""
        generation = self._places.get((number, begins - self._start))
        if generation is None:
            return None
        stream = self._pdf.get_object(number, generation)
        try:
            return bytes(stream.read_bytes()) if isinstance(stream, pikepdf.Stream) else None
        except pikepdf.PdfError:
            return None


def _within(top: Value) -> Iterator[Dictionary]:
    """The dictionaries that `top` is or holds directly."""
    waiting = [top]
    while waiting:
        now = waiting.pop()
        if isinstance(now, Dictionary):
            yield now
            waiting += [each for values in now.values() for each in values]
        elif isinstance(now, list):
            waiting += now


def _require_harmless(tops: Iterable[Value], found: Standing) -> None:
    for top in tops:
        if isinstance(top, Name) and top in ALONE:
            raise Unreadable(ALONE[top])
        for each in _within(top):
            _require_passive(each, found)
            _require_size(each)


def _require_passive(held: Dictionary, found: Standing) -> None:
    for key, (kind, code) in HOLDING.items():
        if any(_is_filled(each, found, kind) for each in held.get(key, ())):
            raise Unreadable(code)
    for name in _names(held, ("Type", "Subtype"), found):
        if name in KINDS:
            raise Unreadable(KINDS[name])
    if not _is_part_of_text(held):
        for name in _names(held, ("S",), found):
            if name in ACTIONS:
                raise Unreadable(ACTIONS[name])
    if not found.is_encrypted and any(each is not None for each in held.get("Encrypt", ())):
        raise Unreadable("broken")  # another parser may find it encrypted, and other objects in it
    if held.content is not None:
        _require_within(held, found)
    _require_staying(held.get("OpenAction", []), found)
    _require_staying(_on_turning(held.get("PresSteps", []), found), found)
    for triggers in held.get("AA", ()):
        for each in found.meant(triggers):
            if isinstance(each, Dictionary):
                _require_staying([action for actions in each.values() for action in actions], found)


def _require_within(stream: Dictionary, found: Standing) -> None:
    """Refuses a stream whose data are in another file, or whose filter some readers find under the name for that.

    A form that stands for a page of another file (ISO 32000-2, 8.10.4) is none of its own either.
    """
    meant = [each for value in stream.get("Ref", ()) for each in found.meant(value)]
    if any(isinstance(each, Dictionary) and "F" in each for each in meant):
        raise Unreadable("acts_by_itself")
    if any(isinstance(each, bytes | Dictionary | Ref) for each in stream.get("F", ())):
        raise Unreadable("acts_by_itself")
    if "F" in stream:
        raise Unreadable("broken")


def _on_turning(nodes: list[Value], found: Standing) -> list[Value]:
    """What a presentation does on its way forth and back (ISO 32000-1, 12.4.4.2): the actions of all its `nodes`.

    A link has a PA, too: an address that it led to once, and nobody follows.
    """
    waiting, looked_up, actions = list(nodes), set[int](), list[Value]()
    while waiting:
        now = waiting.pop()
        if isinstance(now, Ref):
            if now.number in looked_up:
                continue
            looked_up.add(now.number)
        for each in found.meant(now):
            if isinstance(each, Dictionary):
                actions += [*each.get("NA", ()), *each.get("PA", ())]
                waiting += [*each.get("Next", ()), *each.get("Prev", ())]
    return actions


def _is_part_of_text(held: Dictionary) -> bool:
    """Whether it is a structure element, which may be called a sound; an action may say that it is one."""
    filled = any(not isinstance(each, Name) for key in OF_ACTIONS for each in held.get(key, ()))
    return "StructElem" in held.names("Type") and not filled


def _require_staying(actions: list[Value], found: Standing) -> None:
    """Refuses an action that leaves the document, or sets off one that does."""
    waiting, looked_up = list(actions), set[int]()
    for _ in range(LONGEST_CHAIN):
        if not waiting:
            return
        now = waiting.pop()
        if isinstance(now, Ref):
            if now.number not in looked_up:
                looked_up.add(now.number)
                waiting += found.meant(now)
        elif isinstance(now, list):
            waiting += [each for each in now if isinstance(each, Ref | list | Dictionary)]
        elif isinstance(now, Dictionary):
            if OF_ITSELF.intersection(_names(now, ("S",), found)):
                raise Unreadable("acts_by_itself")
            waiting += now.get("Next", ())
    raise Unreadable("too_heavy")


def _names(held: Dictionary, keys: Iterable[str], found: Standing) -> set[str]:
    values = [each for key in keys for value in held.get(key, ()) for each in found.meant(value)]
    return {str(each) for each in values if isinstance(each, Name)}


def _is_filled(value: Value, found: Standing, kind: type) -> bool:
    """Whether anything is in a stream, or in what is of this `kind`: in `value`, or in what it points at."""
    for each in found.meant(value):
        if isinstance(each, Dictionary) and each.content is not None:
            if not found.is_empty(each):
                return True
        elif isinstance(each, kind) and each:
            return True
    return False


def _as_qpdf_reads(pdf: pikepdf.Pdf) -> Iterator[Value]:
    """Every object that qpdf's tables name and that holds a suspicious name or a picture.

    Raises:
        Unreadable: too_heavy.
    """
    left = MOST_WRITTEN
    for top in itertools.chain([pdf.trailer], pdf.objects):
        if not isinstance(top, pikepdf.Object):  # numbers, booleans and null come as plain values
            continue
        written = (top.stream_dict if isinstance(top, pikepdf.Stream) else top).unparse(resolved=True)
        left -= len(written)
        if left < 0:
            raise Unreadable("too_heavy")
        if is_suspicious(written, 0, len(written)) or PICTURE in written:
            yield parsed(written, 0, len(written)).value


def _require_size(held: Dictionary) -> None:
    """Refuses a picture that no memory holds; one in black and white has room for four times as many dots."""
    if "Image" in held.names("Subtype"):
        across, down = max(held.numbers("Width"), default=0), max(held.numbers("Height"), default=0)
        is_black_and_white = set(held.numbers("BitsPerComponent")) == {1} or True in held.get("ImageMask", ())
        if not fits(across, down, 1 if is_black_and_white else 32):
            raise Unreadable("absurd_dimensions")
