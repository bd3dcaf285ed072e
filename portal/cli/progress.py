"""What a long command does, a line for each step on a terminal; in a pipe, where nobody waits, nothing."""

import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tqdm import tqdm

from portal.texts import gettext
from portal.web.formats import digits


@contextmanager
def step(sentence: str, total: int = 0) -> Iterator[Callable[[int], None]]:
    """A line with `sentence`, and with a count up to `total` where that is known: call what this gives with the more.

    `sentence` is a msgid's translation.
    """
    across, down = shutil.get_terminal_size()  # tqdm takes a terminal that does not know its size for one of none
    shape = {"bar_format": "  {desc}", "ncols": across, "nrows": down}
    with tqdm(total=total or None, file=sys.stdout, disable=None, **shape) as line:

        def more(count: int) -> None:
            line.set_description_str(_counted(sentence, line.n + count, total), refresh=False)
            line.update(count)

        line.set_description_str(_counted(sentence, 0, total))
        yield more


def _counted(sentence: str, done: int, total: int) -> str:
    if not total:
        return f"{sentence} …"
    return gettext("%(step)s: %(done)s of %(total)s", step=sentence, done=digits(done), total=digits(total))
