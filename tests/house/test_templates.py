"""Templates, styles and scripts keep what the house asks of them, as far as a program can see it."""

import hashlib
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote

import pytest

from portal import texts
from portal.web import assets, scripts
from portal.web.assets import STATIC
from portal.web.navigation import navigation, way_back
from portal.web.templating import ENVIRONMENT, TEMPLATES, render, said

PAGES = sorted(TEMPLATES.rglob("*.html"))
SHEETS = sorted((STATIC / "css").rglob("*.css"))
SCRIPTS = sorted((STATIC / "js").rglob("*.js"))
COMMENT = re.compile(r"\{#.*?#\}", re.DOTALL)
TAG = re.compile(r"<[a-z][^<>]*(?:\{\{.*?\}\}[^<>]*|\{%.*?%\}[^<>]*)*>", re.DOTALL)
PHYSICAL = re.compile(
    r"(?:margin|padding|border|inset|scroll-margin|scroll-padding)-(?:left|right|top|bottom)"
    r"|(?<![-\w])(?:left|right|top|bottom|width|height|(?:min|max)-(?:width|height))\s*:(?![^(]*\))"
    r"|(?:text-align|float|clear)\s*:\s*(?:left|right)"
)
PLAIN = "act|action|back|encoding|kind|split|weight"
"""Blocks of names and addresses: nobody reads them as sentences."""
SWAPPERS = {"vendor/htmx.min.js", "js/answers.js"}
"""They hear what htmx does, and look for nothing of their own."""
REQUESTS = {"get", "post", "put", "patch", "delete"}


def source(path: Path) -> str:
    return COMMENT.sub("", path.read_text("utf-8"))


def named(paths: list[Path], root: Path) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("path", paths, ids=[str(path.relative_to(root)) for path in paths])


@named(PAGES, TEMPLATES)
def test_template_parses(path: Path) -> None:
    ENVIRONMENT.get_template(str(path.relative_to(TEMPLATES)))


@named(PAGES, TEMPLATES)
def test_nothing_is_inline(path: Path) -> None:
    text = source(path)
    assert not re.search(r"<style|\sstyle\s*=|\son[a-z]+\s*=|javascript:|hx-on|<script(?![^>]*\ssrc=)", text, re.I)
    assert not re.search(r"""(?:src|href|action)=["'](?:https?:)?//""", text), "everything is served by us"
    assert "|safe" not in text.replace(" ", "")


@named(PAGES, TEMPLATES)
def test_every_request_names_its_target_and_swap(path: Path) -> None:
    for tag in TAG.findall(source(path)):
        if any(f"hx-{verb}=" in tag for verb in REQUESTS):
            assert "hx-target=" in tag, tag
            assert "hx-swap=" in tag, tag


@named(PAGES, TEMPLATES)
def test_every_sentence_is_marked(path: Path) -> None:
    """Text between tags is a msgid or an expression: Persian stands in catalogues alone."""
    text = source(path)
    persian = set(re.findall(r"[\u0600-\u06ff]{2,}", text)) - {"فارسی", "۱۲۳٬۴۵۶٬۷۸۹"}
    assert not persian
    text = re.sub(rf"\{{% block (?:{PLAIN})(?: required)? %\}}.*?\{{% endblock %\}}", "", text, flags=re.DOTALL)
    bare = re.sub(r"\{%.*?%\}|\{\{.*?\}\}", "", text, flags=re.DOTALL)
    words = [word for word in re.findall(r">([^<>]*)<", bare) if re.search(r"[A-Za-z]{3,}", word)]
    assert not words


@named([path for path in PAGES if path.name.startswith("_")], TEMPLATES)
def test_a_fragment_has_one_root_with_its_name(path: Path) -> None:
    root = f"{path.parent.name}-{path.stem.removeprefix('_')}"
    first = TAG.search(source(path))
    assert first
    assert re.search(rf"""\sid=["']{root}["'{{]""", first.group()), f"the root's id is {root}"


@named([path for path in PAGES if path.parent.name == "components"], TEMPLATES)
def test_a_component_says_nothing_outside_its_macros(path: Path) -> None:
    """Imported modules are cached: a sentence at their top would keep the first reader's language."""
    if path.name != "patterns.html":
        outside = re.sub(r"\{%-?\s*macro.*?endmacro\s*-?%\}", "", source(path), flags=re.DOTALL)
        assert not re.sub(r"\{%-?\s*(?:from|import).*?%\}", "", outside).strip()


@named([path for path in PAGES if 'extends "layouts/' in source(path)], TEMPLATES)
def test_a_page_has_one_h1(path: Path) -> None:
    is_whole = 'extends "layouts/base.html"' in source(path)
    assert source(path).count("<h1") == (1 if is_whole else 0)


@named(SHEETS, STATIC)
def test_styles_are_logical_and_layered(path: Path) -> None:
    text = re.sub(r"/\*.*?\*/", "", path.read_text("utf-8"), flags=re.DOTALL)
    rules = re.sub(r"@media[^{]*|url\([^)]*\)", "", text)
    assert not PHYSICAL.findall(rules)
    assert text.lstrip().startswith("@layer")
    if path.name != "tokens.css" and path.name != "print.css":
        colours = set(re.findall(r"#[0-9a-f]{3,8}\b", text))
        assert colours <= {"#fdfdfb", "#333"}, "colours are tokens, a scan's paper excepted"


@named([*SHEETS, *PAGES], STATIC.parent)
def test_lines_are_short_enough_to_compare(path: Path) -> None:
    most = 120 if path.suffix == ".css" else 160
    assert [n for n, line in enumerate(path.read_text("utf-8").splitlines(), start=1) if len(line) > most] == []


def test_every_sheet_is_in_the_one_that_is_delivered() -> None:
    joined = (STATIC / assets.SHEET).read_text("utf-8")
    listed = re.findall(r'@import "([^"]+)"(?: print)?;', joined)
    assert sorted(listed) == [name for path in SHEETS if (name := str(path.relative_to(STATIC / "css"))) != "all.css"]
    whole = assets.asset(assets.SHEET).content.decode()
    assert "@import" not in whole
    assert whole.count("{") == whole.count("}")
    assert assets.address("fonts/Vazirmatn.woff2") in whole
    assert "@media print {" in whole


def test_every_script_is_asked_for() -> None:
    named = "".join(path.read_text("utf-8") for path in [*PAGES, *SCRIPTS])  # a module or a worker of another one
    for path in SCRIPTS:
        own, is_hooked = path.name, f"js/{path.name}" in scripts.HOOKS
        assert is_hooked or f'"./{own}"' in named or f'"js/{own}"' in named, f"no page loads {own}"


def test_a_script_is_loaded_for_what_it_looks_for() -> None:
    for script, hooks in scripts.HOOKS.items():
        source = (STATIC / script).read_text("utf-8")
        looked_for = set(re.findall(r"[\[(\"']((?:data|hx)-[a-z-]+|autofocus)", source))
        assert script in SWAPPERS or hooks & (looked_for | {'method="post"'}), script


def test_scripts_by_what_a_page_carries() -> None:
    assert scripts.needed("<p>data-grouped</p><h1>autofocusing</h1>") == []
    assert scripts.needed('<input data-grouped name="a">') == ["js/amounts.js"]
    assert scripts.needed('<form action="/x" method="post"><input autofocus>') == ["js/focus.js", "js/press.js"]
    assert "vendor/htmx.min.js" in scripts.needed('<div hx-get="/cases">')


def test_scripts_are_small() -> None:
    lengths = {path.name: len(path.read_text("utf-8").splitlines()) for path in SCRIPTS}
    assert max(lengths.values()) < 150
    assert sum(lengths.values()) < 1400


def test_vendored_files_are_what_their_readme_says() -> None:
    readme = (STATIC / "vendor/README.md").read_text("utf-8")
    for path in sorted((STATIC / "vendor").rglob("*.js")):
        assert path.name in readme
        assert hashlib.sha256(path.read_bytes()).hexdigest() in readme


def test_filters_follow_the_reader_not_the_first_one() -> None:
    shown = []
    for locale in ("fa", "en", "fa"):
        token = texts.locale.set(locale)
        shown.append(
            ENVIRONMENT.from_string("{{ '1405'|digits }} {{ 1536|filesize }} {{ 209715200|filesize }}").render()
        )
        texts.locale.reset(token)
    assert shown == ["۱۴۰۵ ۱٫۵ کیلوبایت ۲۰۰ مگابایت", "1405 1.5 kB 200 MB", "۱۴۰۵ ۱٫۵ کیلوبایت ۲۰۰ مگابایت"]


def test_a_flash_is_a_sentence_of_the_catalogues() -> None:
    token = texts.locale.set("fa")
    assert said(quote("Sign out")) == "خروج"
    assert said("You%20have%20won%20100%25") is None
    assert said(None) is None
    texts.locale.reset(token)


def test_the_top_bar_marks_where_one_is() -> None:
    def here(role: str | None, path: str) -> list[str]:
        return [entry.href for entry in navigation(role, path) if entry.current]

    assert here("organization", "/cases/1405-00017/decision") == ["/cases"]
    assert here("organization", "/cases?q=x&state=all") == ["/cases?state=all"]
    assert here("auditor", "/journal/entries/7") == ["/journal"]
    assert here("auditor", "/cases/1405-00017") == ["/cases?state=all"]
    assert here("governorate", "/documents/7/reader") == here("minister", "/receipts/7") == ["/cases"]
    assert here("auditor", "/receipts/7") == ["/journal"]
    assert here(None, "/verify/abc") == ["/verify"]
    assert here(None, "/login") == []


def test_a_narrow_bar_keeps_the_current_section_and_what_waits() -> None:
    def stay(role: str, path: str, waiting: int = 0) -> list[str]:
        return [entry.href for entry in navigation(role, path, waiting) if not entry.later]

    assert stay("organization", "/rulesets/new") == ["/cases", "/cases?state=all", "/rulesets"]
    assert stay("organization", "/cases", 2) == ["/cases", "/cases?state=all", "/approvals"]
    assert len(stay("minister", "/cases")) == 4, "so few fit"


def test_an_error_leads_back() -> None:
    assert way_back("/cases/1405-00017/return", 409, signed_in=True)[0] == "/cases/1405-00017"
    assert way_back("/cases/1405-00017/return", 404, signed_in=True)[0] == "/cases"
    assert way_back("/nowhere", 404, signed_in=False)[0] == "/"


def test_days_since_sees_the_clock_of_the_page() -> None:
    now = datetime(2026, 11, 24, 9, tzinfo=UTC)
    template = ENVIRONMENT.from_string("{{ then|days_since }}")
    token = texts.locale.set("en")
    counts = [template.render(now=now, then=now - timedelta(days=days)) for days in (0, 1, 3)]
    texts.locale.reset(token)
    assert counts == ["today", "one day", "3 days"]


@pytest.mark.parametrize("locale", texts.LOCALES)
def test_the_public_page_and_the_patterns_render(locale: str) -> None:
    token = texts.locale.set(locale)
    home = render("home/index.html", notified_count=0, upload_limit=1, rules=None)
    assert render("home/index.html", notified_count=3, upload_limit=1, rules=None) != home
    assert render("components/patterns.html", now=datetime.now(UTC))
    assert render("errors/error.html", status=404, heading="", sentence="", wrong=[], missing=[])
    texts.locale.reset(token)
    assert 'class="card zero"' not in home, "a figure that the records do not carry is not shown"
    assert f'lang="{locale}"' in home
