"""Random keys that stand for somebody: the cookie of a browser, a token for programs, a link that an admin hands on.

Whoever holds one keeps the key itself; the database has only its SHA-256, so that a stolen database opens nothing. A
key has 256 random bits, so a fast hash is enough and nobody guesses one.
"""

from __future__ import annotations

import hashlib
import secrets

HANDLE_LENGTH = 16


def fresh() -> str:
    """A new key, safe in addresses and headers."""
    return secrets.token_urlsafe(32)


def digest(key: str) -> str:
    """What the database keeps."""
    return hashlib.sha256(key.encode()).hexdigest()


def handle(token_hash: str) -> str:
    """Enough of the hash to tell one of a few from the others on a page, and not the hash itself."""
    return token_hash[:HANDLE_LENGTH]
