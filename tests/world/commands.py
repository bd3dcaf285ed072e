"""Commands of `portal` within the tests' own process, in a language of their own."""

from contextvars import copy_context

from click.testing import CliRunner, Result

from portal.__main__ import portal


def invoke(*words: object, locale: str = "en", **environment: str | None) -> Result:
    """`portal …`; the language that it sets ends with it."""
    told = {"PORTAL_LOCALE": locale, **environment}
    return copy_context().run(lambda: CliRunner().invoke(portal, [str(each) for each in words], env=told))
