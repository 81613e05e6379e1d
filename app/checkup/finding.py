"""What a look at one thing found."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """One thing and how it is. Where it is not well, `mend` says what to do; `required`: it must be."""

    area: str
    name: str
    standing: bool
    required: bool
    why: str
    mend: str = ""


def good(area: str, name: str, why: str) -> Finding:
    return Finding(area, name, standing=True, required=True, why=why)


def fault(area: str, name: str, why: str, mend: str) -> Finding:
    return Finding(area, name, standing=False, required=True, why=why, mend=mend)


def notice(area: str, name: str, why: str, mend: str) -> Finding:
    """Worth knowing, and no reason to fail."""
    return Finding(area, name, standing=False, required=False, why=why, mend=mend)
