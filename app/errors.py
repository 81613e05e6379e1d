"""Failures that a person is told about. Each carries its HTTP status; one place makes pages or problem+json of them.

Messages are gettext msgids with named parameters, marked by `N_`, and are worded in the reader's language at the edge.
"""

from __future__ import annotations


def N_(message: str) -> str:  # noqa: N802  (gettext's own name for "mark, translate later")
    """Mark a message for translation without translating it."""
    return message


class Problem(Exception):  # noqa: N818  (RFC 9457's word for it)
    """What happened (`message`), what to do (`advice`), and the HTTP status."""

    status = 500
    title = N_("Something went wrong")
    advice = N_("Try again. What you had saved is safe.")

    def __init__(self, message: str, advice: str | None = None, **params: object) -> None:
        super().__init__(message % params if params else message)
        self.message = message
        self.params = params
        if advice is not None:
            self.advice = advice


class Invalid(Problem):
    status = 422
    title = N_("That could not be read")
    advice = N_("Nothing was changed. Correct it and send it again.")


class NotFound(Problem):
    status = 404
    title = N_("Not found")
    advice = N_("It may have been renamed or retired. The question list shows everything there is.")


class Conflict(Problem):
    status = 409
    title = N_("Already done")
    advice = N_("Nothing was counted twice. Reload the page to see where things stand.")


class TooLarge(Problem):
    status = 413
    title = N_("Too large")
    advice = N_("Nothing was stored. Shorten it and send it again.")


class Forbidden(Problem):
    status = 403
    title = N_("Not allowed")
    advice = N_("Open the page afresh and try again from there.")


class Unauthorised(Problem):
    status = 401
    title = N_("Please log in")
    advice = N_("Log in and you come back to where you were.")


class TooManyRequests(Problem):
    status = 429
    title = N_("Too many attempts")
    advice = N_("Wait a minute and try again.")


class Unavailable(Problem):
    status = 503
    title = N_("Not available right now")
    advice = N_("Everything you saved is safe. Try again in a moment.")
