"""A letter made and sealed: where its milliseconds go. `python -m bench.letters [FOLDER]` draws the letters there, too.

The baseline is Typst alone, which sets the same letter as a PDF; the rest is what the portal adds to it.
"""

import statistics
import sys
import time
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pypdfium2 as pdfium

from portal import seal_settings
from portal.letters import decision, sealing, typesetting
from portal.letters.decision import typeset
from portal.seal_settings import SealSettings
from tests.world.letters import DRAFT, LETTERS, RAISED

ROUNDS = 15
SCALE = 96 / 72
COLOURS = 64


def median(run: Callable[[], Any]) -> float:
    """Milliseconds of one `run`; the first one, which warms up, is not counted."""
    run()
    taken = []
    for _ in range(ROUNDS):
        begin = time.perf_counter()
        run()
        taken.append(1000 * (time.perf_counter() - begin))
    return statistics.median(taken)


def measure() -> None:
    """Print what each part takes, and the whole beside Typst alone."""
    data = {"letter": decision.said(RAISED)}
    words = median(lambda: decision.said(RAISED))
    typst = partial(typesetting.compiled, standards=decision.STANDARDS, on=RAISED.sitting_date, attached=None)
    alone = median(lambda: typst(decision.SOURCE, data))
    made = median(lambda: typeset(RAISED))
    seal = median(partial(sealing.sealed, typeset(RAISED), sample_seal()))
    whole = made + seal
    shares = {"words and codes": words, "Typst alone": alone, "readable text": made - words - alone, "seal": seal}
    for name, value in shares.items():
        print(f"{name:<18} {value:7.1f} ms  {value / whole:6.1%}")
    print(f"{'made and sealed':<18} {whole:7.1f} ms  {whole / alone:6.2f} × Typst alone")


def sample_seal() -> SealSettings:
    """A demo's seal, made now."""
    with TemporaryDirectory() as folder:
        settings = seal_settings.load({}, Path(folder), demo=True, keep=True)
    assert settings is not None
    return settings


def draw(folder: Path) -> None:
    """The pages of a letter of every outcome, as PNG."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, letter in {**LETTERS, "draft": DRAFT}.items():
        with closing(pdfium.PdfDocument(typeset(letter))) as document:
            for n, page in enumerate(document, 1):
                image = page.render(scale=SCALE).to_pil().convert("RGB").quantize(COLOURS)
                image.save(folder / f"{name}-{n}.png", optimize=True)


if __name__ == "__main__":
    for each in sys.argv[1:]:
        draw(Path(each))
    measure()
