"""Passwords: argon2id hashes, made and checked. Both take 50 ms and 19 MiB: keep them out of transactions."""

from __future__ import annotations

import secrets
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from app.errors import N_, Invalid, Unauthorised

MIN_PASSWORD = 10
MAX_PASSWORD = 1000  # a sentence of a hundred words has fewer

# 19 MiB and two passes: OWASP's first choice for argon2id.
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


def hashed(password: str) -> str:
    """Its hash with a fresh salt; Invalid if the password is too short or too long."""
    if len(password) < MIN_PASSWORD:
        raise Invalid(N_("A password has at least %(least)d characters."), least=MIN_PASSWORD)
    if len(password) > MAX_PASSWORD:
        raise Invalid(N_("A password has at most %(most)d characters."), most=MAX_PASSWORD)
    return _hasher.hash(password)


def verify(stored: tuple[int, str] | None, password: str) -> int:
    """The id in `stored`, (account id, hash), if the password fits; else Unauthorised. As slow for an unknown name."""
    try:
        _hasher.verify(stored[1] if stored else _decoy_hash(), password)
    except (VerificationError, InvalidHashError):
        stored = None
    if stored is None:
        raise Unauthorised(N_("That name and password do not fit together."))
    return stored[0]


@cache
def _decoy_hash() -> str:
    return _hasher.hash(secrets.token_hex(16))
