"""Specimen scans for the demo: papers set in Persian, printed to grey and slightly skewed images, bound to PDF.

Every page says that it is a specimen. Equal towns give equal scans.
"""

import json
import random
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image, ImageChops, ImageFilter

from portal.domain import bidi, persian
from portal.letters import typesetting

SOURCE = Path(__file__).parent / "sample_scans.typ"
PPI = 80.0
QUALITY = 55
PAPER = 238  # grey of old paper, of 255
GRAIN = 0.05  # share of noise in the paper's tone
MOST_SKEW = 1.4  # degrees
AT_ONCE = 12  # towns in one run of Typst, to keep its memory small
THREADS = 2

Key = tuple[str, str, int | None]
"""Town's key, kind of document, year of a settled budget."""


@dataclass(frozen=True, slots=True)
class SampleTown:
    """A town and the values that its papers show; `settled` is years with amounts in rials."""

    key: str
    town: str
    province: str
    county: str
    grade: int | None
    notified_on: date | None
    requested: int
    census_year: int
    population: int
    settled: tuple[tuple[int, int], ...]


def scans_of(towns: Sequence[SampleTown], *, made: Callable[[int], None] = lambda _: None) -> dict[Key, bytes]:
    """PDFs of every paper of `towns`, of which `made` hears. Blocking; some hundredths of a second a page."""
    found: dict[Key, bytes] = {}
    for at in range(0, len(towns), AT_ONCE):
        some = towns[at : at + AT_ONCE]
        papers = [paper for town in some for paper in _papers(town)]
        pages = _print([page for _, page in papers])
        with ThreadPoolExecutor(THREADS) as pool:
            scans = list(pool.map(_scan, [f"{key}" for key, _ in papers], pages))
        sheets: dict[Key, list[Image.Image]] = {}
        for (key, _), scan in zip(papers, scans, strict=True):
            sheets.setdefault(key, []).append(scan)
        found |= {key: _bind(images) for key, images in sheets.items()}
        made(len(some))
    return found


def _print(pages: list[dict[str, Any]]) -> list[bytes]:
    return typesetting.png(SOURCE, {"papers": json.dumps(pages, ensure_ascii=False)}, ppi=PPI)


def _scan(seed: str, page: bytes) -> Image.Image:
    """A printed page as an old scanner sees it: grey, a little askew, with grain and a shadow at the binding."""
    chance = random.Random(seed)  # noqa: S311 (looks, not secrets)
    sheet = Image.open(BytesIO(page)).convert("L")
    skewed = sheet.rotate(chance.uniform(-MOST_SKEW, MOST_SKEW), Image.Resampling.BICUBIC, fillcolor=255)
    across, down = sheet.width // 2, sheet.height // 2
    grain = Image.frombytes("L", (across, down), chance.randbytes(across * down)).resize(sheet.size)
    paper = Image.blend(Image.new("L", sheet.size, PAPER), grain, GRAIN)
    shadow = Image.linear_gradient("L").rotate(90).resize((sheet.width, 1)).resize(sheet.size)
    lit = ImageChops.multiply(skewed.filter(ImageFilter.GaussianBlur(0.4)), paper)
    return Image.blend(lit, ImageChops.multiply(lit, ImageChops.lighter(shadow, Image.new("L", sheet.size, 205))), 0.5)


def _bind(images: list[Image.Image]) -> bytes:
    out = BytesIO()
    images[0].save(out, "PDF", save_all=True, append_images=images[1:], resolution=PPI, quality=QUALITY)
    return out.getvalue()


def _papers(town: SampleTown) -> list[tuple[Key, dict[str, Any]]]:
    chance = random.Random(town.key)  # noqa: S311
    papers: list[tuple[Key, dict[str, Any]]] = [((town.key, "census", None), _census(town, chance))]
    papers += [
        ((town.key, "settlement", year), _settlement(town, year, amount, chance)) for year, amount in town.settled
    ]
    papers += [((town.key, "justification", None), each) for each in _justification(town, chance)]
    if town.grade:
        papers.append(((town.key, "last_grade", None), _last_grade(town, chance)))
    return papers


def _page(office: str, under: str, title: str, lines: list[str], signer: str, chance: random.Random) -> dict[str, Any]:
    digits = persian.persian_digits
    return {
        "office": office,
        "under": under,
        "number": bidi.isolated(digits(f"{chance.randint(10, 99)}/{chance.randint(1000, 99999)}")),
        "date": digits(f"140{chance.randint(3, 4)}/{chance.randint(1, 12):02}/{chance.randint(1, 29):02}"),
        "title": title,
        "lines": lines,
        "table": [],
        "stamp": office,
        "signer": signer,
    }


def _census(town: SampleTown, chance: random.Random) -> dict[str, Any]:
    year = persian.persian_digits(str(town.census_year))
    homes = persian.grouped(round(town.population / 3.2))
    return _page(
        "مرکز آمار ایران",
        f"استان {town.province}",
        f"نتایج سرشماری عمومی نفوس و مسکن {year}",
        [
            f"استان {town.province}، شهرستان {town.county}، شهر {town.town}",
            f"جمعیت شهر بر پایهٔ سرشماری سال {year} برابر {persian.grouped(town.population)} نفر در {homes} خانوار است.",
            "این گواهی برای ارائه به درگاه درجه‌بندی شهرداری‌ها صادر شده است.",
        ],
        "رئیس ادارهٔ آمار و اطلاعات",
        chance,
    )


def _settlement(town: SampleTown, year: int, amount: int, chance: random.Random) -> dict[str, Any]:
    shares = [0.42, 0.31, 0.27]
    parts = [round(amount * share) for share in shares[:-1]]
    parts.append(amount - sum(parts))
    names = ["عوارض عمومی", "بهای خدمات و درآمدهای مؤسسات", "درآمدهای مستمر دیگر"]
    digits = persian.persian_digits
    page = _page(
        f"شهرداری {town.town}",
        f"شهرستان {town.county}، استان {town.province}",
        f"تفریغ بودجهٔ سال {digits(str(year))}",
        [
            f"به استناد مادهٔ ۷۹ قانون شهرداری، تفریغ بودجهٔ سال {digits(str(year))} شهرداری {town.town} در جلسهٔ "
            "شورای اسلامی شهر بررسی و تصویب شد.",
            f"درآمد مستمر و خالص: {persian.grouped(amount)} ریال",
        ],
        "رئیس شورای اسلامی شهر",
        chance,
    )
    rows = [
        [digits(str(n)), name, persian.grouped(part)]
        for n, (name, part) in enumerate(zip(names, parts, strict=True), 1)
    ]
    page["table"] = [*rows, ["", "جمع", persian.grouped(amount)]]
    return page


def _last_grade(town: SampleTown, chance: random.Random) -> dict[str, Any]:
    assert town.grade is not None
    when = persian.format_date(town.notified_on, "fa") if town.notified_on else "—"
    grade = f"{persian.persian_digits(str(town.grade))} ({persian.number_in_words(town.grade)})"
    return _page(
        "وزارت کشور",
        "سازمان شهرداری‌ها و دهیاری‌های کشور",
        "ابلاغ درجهٔ شهرداری",
        [
            f"استانداری {town.province}، دفتر امور شهری و شوراها",
            f"با توجه به تصویب کارگروه، درجهٔ شهرداری {town.town} از تاریخ {when} به درجهٔ {grade} تعیین و ابلاغ می‌شود.",
        ],
        "مدیرکل دفتر برنامه‌ریزی",
        chance,
    )


def _justification(town: SampleTown, chance: random.Random) -> list[dict[str, Any]]:
    asked = persian.persian_digits(str(town.requested))
    office, under = f"شهرداری {town.town}", f"شهرستان {town.county}، استان {town.province}"
    first = [
        f"شهرداری {town.town} با {persian.grouped(town.population)} نفر جمعیت، خواهان ارتقا به درجهٔ {asked} است.",
        "رشد جمعیت، گسترش محدودهٔ قانونی شهر، افزایش درآمد مستمر و خالص و نیاز به ساختار سازمانی متناسب، دلیل‌های "
        "اصلی این درخواست است.",
        "در سال‌های اخیر پروژه‌های عمرانی، خدمات شهری و فضای سبز توسعه یافته و بار کاری واحدها افزایش یافته است.",
    ]
    second = [
        "برآورد اثر ارتقا بر هزینه‌های جاری، پیوست گزارش است و از محل درآمدهای مستمر تأمین می‌شود.",
        "شورای اسلامی شهر در جلسهٔ رسمی با این درخواست موافقت کرده است.",
    ]
    title = "گزارش توجیهی ارتقای درجه"
    return [
        _page(office, under, title, first, "شهردار", chance),
        _page(office, under, f"{title} (صفحهٔ دوم)", second, "رئیس شورای اسلامی شهر", chance),
    ]
