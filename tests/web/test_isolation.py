"""Pages isolate what runs the other way, in text by an element and elsewhere by marks."""

from collections.abc import Iterator

import html5lib
import pytest

from portal import texts
from portal.web import isolation
from portal.web.templating import ENVIRONMENT
from tests.world import direction


@pytest.fixture(params=texts.LOCALES, autouse=True)
def locale(request: pytest.FixtureRequest) -> Iterator[str]:
    token = texts.locale.set(request.param)
    yield request.param
    texts.locale.reset(token)


@pytest.mark.parametrize(
    ("html", "fa", "en"),
    [
        ("<td>۱۴۰۵-۰۰۰۰۸</td>", "<td><bdi>۱۴۰۵-۰۰۰۰۸</bdi></td>", "<td>۱۴۰۵-۰۰۰۰۸</td>"),
        (
            "<p>پروندهٔ ۱۴۰۵-۰۸</p>",
            "<p>پروندهٔ <bdi>۱۴۰۵-۰۸</bdi></p>",
            "<p><bdi>پروندهٔ <bdi>۱۴۰۵-۰۸</bdi></bdi></p>",
        ),
        ("<title>ص ۱-۲</title>", "<title>ص \u2068۱-۲\u2069</title>", "<title>\u2068ص \u2068۱-۲\u2069\u2069</title>"),
        (
            '<a href="/ص/a" title="ص PDF">',
            '<a href="/ص/a" title="ص \u2068PDF\u2069">',
            '<a href="/ص/a" title="\u2068ص\u2069 PDF">',
        ),
        ('<input value="ص a-b">', '<input value="ص a-b">', '<input value="ص a-b">'),
        ("<textarea>ص PDF</textarea>", "<textarea>ص PDF</textarea>", "<textarea>ص PDF</textarea>"),
        ("<bdi>کشوری.</bdi>", "<bdi>کشوری.</bdi>", "<bdi>کشوری.</bdi>"),
        ("<bdi>PDF ص</bdi>", "<bdi>PDF <bdi>ص</bdi></bdi>", "<bdi>PDF <bdi>ص</bdi></bdi>"),
        ("<bdi>۱-۲</bdi>", "<bdi>۱-۲</bdi>", "<bdi>۱-۲</bdi>"),
        ("<bdi>ص ۱-۲</bdi>", "<bdi>ص <bdi>۱-۲</bdi></bdi>", "<bdi>ص <bdi>۱-۲</bdi></bdi>"),
        (
            "<b>ص</b> R&amp;D &lt;x&gt;<i>",
            "<b>ص</b> <bdi>R&amp;D</bdi> &lt;<bdi>x</bdi>&gt;<i>",
            "<b><bdi>ص</bdi></b> R&amp;D &lt;x&gt;<i>",
        ),
    ],
)
def test_each_kind_of_text_is_isolated_as_it_can_be(locale: str, html: str, fa: str, en: str) -> None:
    assert isolation.isolated(html) == {"fa": fa, "en": en}[locale]


@pytest.mark.parametrize(
    "typed", ["</bdi><script>", "\u2068<b>ص PDF", "\u2069\u2069 ص 1-2", "&lt;ص&amp;PDF", '" onclick="ص x']
)
def test_what_a_stranger_typed_stays_text(typed: str) -> None:
    page = ENVIRONMENT.from_string('<!doctype html><title>{{ t }}</title><p title="{{ t }}">{{ t }}</p>').render(
        t=typed
    )
    root = html5lib.parse(isolation.isolated(page), treebuilder="etree")
    kept = {each.tag.rpartition("}")[2] for each in root.iter()}
    assert kept <= {"html", "head", "title", "body", "p", "bdi"}
    (found,) = [each for each in root.iter() if each.tag.endswith("}p")]
    assert set(found.attrib) == {"title"}
    assert _plain("".join(found.itertext())) == _plain(found.attrib["title"]) == _plain(typed)


def test_the_lint_sees_what_is_not_isolated(locale: str) -> None:
    for wrong in ("پروندهٔ ۱۴۰۵-۰۰۰۰۸، اراک", "سند PDF است", "<b>پرونده</b> <i>1405/00008</i>", "<bdi>سند ۱-۲</bdi>"):
        for page in (f"<p>{wrong}</p>", f"<h1>x</h1><p><span>{wrong}</span></p>"):
            text = f'<!doctype html><html lang="{locale}"><body>{page}</body></html>'
            assert direction.findings(html5lib.parse(text, treebuilder="etree")), page
            assert not direction.findings(html5lib.parse(isolation.isolated(text), treebuilder="etree")), page
    comma = '<html lang="en"><p>Case 1405-00008، <bdi>اراک</bdi></p></html>'
    assert direction.findings(html5lib.parse(comma, treebuilder="etree"))


def _plain(text: str) -> str:
    return text.replace("\u2068", "").replace("\u2069", "")
