"""How often one may be wrong about a password, a token or a link: 5 times a minute for a name, 20 for an address.

Every place that checks one, or hashes a password for whoever comes, goes through here.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

from fastapi import Request
from limits import parse

from app.accounts import passwords
from app.errors import N_, NotFound, TooManyRequests, Unauthorised
from app.web.allowances import Allowances

Found = TypeVar("Found")

PER_NAME = parse("5/minute")
PER_ADDRESS = parse("20/minute")
SIGN_UPS_PER_ADDRESS = parse("60/hour")  # a class behind one address may sign up in one lesson
_one_at_a_time = threading.Lock()  # or many passwords sent together would fill the memory (argon2)


def address(request: Request) -> str:
    """Where a request comes from."""
    return request.client.host if request.client else ""


def check_password(allowances: Allowances, request: Request, name: str, check: Callable[[], Found]) -> Found:
    """What `check` returns; Unauthorised as it says, or TooManyRequests after too many wrong ones, right or not.

    One at a time, whichever processes they are sent to: else guesses sent together would all pass before the first is
    counted.
    """
    limits = ((PER_NAME, "name", name.strip().casefold()), (PER_ADDRESS, "address", address(request)))

    def refuse_too_many() -> None:
        if not all(allowances.is_left(limit, *key) for limit, *key in limits):
            raise TooManyRequests(N_("Too many wrong passwords."))

    refuse_too_many()  # before queuing too, so that a flood does not hold up other pages
    keys = (f"{kind}/{of}" for _, kind, of in limits)
    with _one_at_a_time, allowances.one_at_a_time(*keys):
        refuse_too_many()
        try:
            return check()
        except Unauthorised:
            for limit, *key in limits:
                allowances.take(limit, *key)
            raise


def check_key(allowances: Allowances, request: Request, check: Callable[[], Found]) -> Found:
    """What `check` returns of a token or a link; TooManyRequests instead of its refusal after too many wrong ones.

    A right one passes whatever others at its address sent: nobody finds 256 random bits by trying.
    """
    try:
        return check()
    except (NotFound, Unauthorised):
        if not allowances.take(PER_ADDRESS, "key", address(request)):
            raise TooManyRequests(N_("Too many tokens or links that are not valid.")) from None
        raise


def hashed(password: str) -> str:
    """As `passwords.hashed`, one at a time."""
    with _one_at_a_time:
        return passwords.hashed(password)


def count_sign_up(allowances: Allowances, request: Request) -> None:
    """TooManyRequests after too many accounts made, or tried, from one address."""
    if not allowances.take(SIGN_UPS_PER_ADDRESS, "sign-up", address(request)):
        raise TooManyRequests(N_("Too many new accounts from your address."), N_("Wait an hour and try again."))
