"""What the status of an answer says in words: a title, and what happened and what to do next."""

from portal.texts import N_

WORDS: dict[int, tuple[str, str]] = {
    400: (
        N_("The request could not be read"),
        N_("Part of it is missing or damaged. Go back, reload the page and try again."),
    ),
    401: (N_("Please sign in"), N_("You are not signed in, or your sign-in has expired. Sign in and try again.")),
    403: (
        N_("You do not have access"),
        N_("This is outside your account’s authority. If you should have it, ask the administrator."),
    ),
    404: (N_("Page not found"), N_("The address is wrong, or you may not view it.")),
    405: (N_("This address does not accept such a request"), N_("Open the page from its link and use the form there.")),
    408: (
        N_("The request arrived too slowly"),
        N_("The connection was too slow or stopped, and nothing was recorded. Check it and try again."),
    ),
    409: (
        N_("Not possible in the current state"),
        N_("The case may have moved on since you opened this page. Open it again to see what can be done now."),
    ),
    413: (
        N_("The file is too large"),
        N_("Nothing was recorded. Scan in greyscale at 300 DPI, or split the document, and upload it again."),
    ),
    414: (
        N_("This address is too long"),
        N_("No page of the portal has such a long address. Start again from the first page."),
    ),
    415: (
        N_("This type of content is not accepted"),
        N_("Nothing was recorded. Open the page again and submit its form."),
    ),
    422: (
        N_("Please correct the following"),
        N_("Part of what was sent could not be accepted, and nothing was recorded. Go back and correct it."),
    ),
    429: (
        N_("Please wait"),
        N_("There were too many attempts in a short time. Nothing is lost; try again after the pause."),
    ),
    431: (
        N_("Your browser sent too much with the request"),
        N_(
            "Its cookies or other headers are longer than the portal accepts. Delete the cookies of this address and "
            "reload the page."
        ),
    ),
    500: (
        N_("Something went wrong in the portal"),
        N_(
            "Nothing was left half-recorded. Try again; if it happens again, tell the administrator the time it "
            "occurred."
        ),
    ),
    503: (
        N_("The portal is temporarily unavailable"),
        N_("Part of its storage does not answer. Nothing was left half-recorded; try again in a few minutes."),
    ),
}

OF_CODE: dict[str, str] = {"incomplete": N_("The case is not complete")}
"""Titles of refusals that say more than the title of their status."""
UNSAID = frozenset({"role", "undeclared", "wrong-state"})
"""Codes whose sentence says no more than their status: its words stand alone, with what to do."""


def of_status(status: int) -> tuple[str, str]:
    """The words for `status`; for one without any those of its class (RFC 9110 §15)."""
    return WORDS.get(status) or WORDS[400 if status < 500 else 500]
