"""What the status of an answer says in words: a title, and what happened and what to do next."""

from portal.texts import N_

WORDS: dict[int, tuple[str, str]] = {
    400: (
        N_("The request could not be read"),
        N_("Something in it is missing or damaged. Go back, load the page again and send it once more."),
    ),
    401: (N_("Please sign in"), N_("You are not signed in, or your session has ended. Sign in and try again.")),
    403: (
        N_("You do not have access"),
        N_("This task is not among those of your account. If it should be, ask the administrator."),
    ),
    404: (N_("Page not found"), N_("The address is wrong, or you are not allowed to see what it names.")),
    405: (N_("This address takes no such request"), N_("Open the page from its link and use the form on it.")),
    408: (
        N_("The request came too slowly"),
        N_(
            "The line was too slow, or it stood still, and nothing was recorded. "
            "Check the connection and send it again."
        ),
    ),
    409: (
        N_("This cannot be done in the present state"),
        N_("The case may have moved on since this page was opened. Open the case again to see what can be done now."),
    ),
    413: (
        N_("The file is too large"),
        N_("Nothing was recorded. Scan in grey at 300 dots an inch, or split the document, and send it again."),
    ),
    414: (
        N_("This address is too long"),
        N_("No page of the portal has one as long. Begin again from the first page."),
    ),
    415: (
        N_("This kind of content cannot be read"),
        N_("Nothing was recorded. Open the page again and send its own form."),
    ),
    422: (
        N_("Please look at this again"),
        N_("Some of what was sent could not be taken, and nothing was recorded. Go back and correct it."),
    ),
    429: (
        N_("Please wait a moment"),
        N_("There were too many tries in a short time. Nothing is lost; try again after the pause."),
    ),
    431: (
        N_("Your browser sent too much along"),
        N_(
            "Its cookies or other headers are longer than the portal reads. "
            "Delete the cookies of this address and load the page again."
        ),
    ),
    500: (
        N_("Something went wrong on our side"),
        N_(
            "Nothing was recorded half-way. Try again; "
            "if it comes back, tell the administrator the time at which it happened."
        ),
    ),
    503: (
        N_("The portal is out of reach for a moment"),
        N_("One of its stores does not answer. Nothing was recorded half-way; try again in a few minutes."),
    ),
}

OF_CODE: dict[str, str] = {"incomplete": N_("The case is not complete")}
"""Titles of refusals that say more than the title of their status."""
UNSAID = frozenset({"role", "undeclared", "wrong-state"})
"""Codes whose sentence says no more than their status: its words stand alone, with what to do."""


def of_status(status: int) -> tuple[str, str]:
    """The words for `status`; for one without any those of its class (RFC 9110 §15)."""
    return WORDS.get(status) or WORDS[400 if status < 500 else 500]
