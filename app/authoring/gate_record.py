"""What the publish gate said of a text, kept with its revision: the findings, and which were waived and why."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from app.authoring.findings import Kept
from app.bank.findings import Finding
from app.errors import N_, Invalid

MIN_REASON_CHARS = 10
MAX_REASON_CHARS = 500
Reason = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=MIN_REASON_CHARS, max_length=MAX_REASON_CHARS)
]


class _Kept(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class GateFinding(_Kept):
    """One fault of the text. `key` names it as long as the same is wrong at the same place, wherever its line moves."""

    key: str
    line: int
    column: int
    where: Kept
    message: Kept
    mend: Kept

    @classmethod
    def of(cls, finding: Finding) -> Self:
        return cls(
            key=finding_key(finding.where, finding.message),
            line=finding.line,
            column=finding.column,
            where=finding.where,
            message=finding.message,
            mend=finding.mend,
        )


class Waiver(_Kept):
    """Why a question may be published in spite of a finding, named by its key."""

    finding: Annotated[str, StringConstraints(max_length=64)]
    reason: Reason


class GateRecord(_Kept):
    """`passed` tells that nothing was found. In a published revision's JSON `memories` stands beside these fields:
    what was chosen and proposed for learners' memories, and how many there were."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    passed: bool
    findings: list[GateFinding] = Field(default=[], max_length=1000)
    waivers: list[Waiver] = Field(default=[], max_length=100)

    @property
    def standing(self) -> list[GateFinding]:
        """The findings that nobody has waived."""
        waived = {waiver.finding for waiver in self.waivers}
        return [finding for finding in self.findings if finding.key not in waived]

    @property
    def lets_through(self) -> bool:
        """A gate that failed without telling why can't be waived."""
        return self.passed or bool(self.findings and not self.standing)


class GateRefused(Invalid):
    """The gate found what nobody has waived."""

    title = N_("This question cannot be published yet")
    advice = N_("Nothing was published. Mend what was found, or waive it with a reason.")

    def __init__(self, record: GateRecord) -> None:
        super().__init__(N_("Findings of the checks that still stand: %(count)s."), count=len(record.standing) or 1)
        self.record = record


def gate_record(findings: Iterable[Finding], waivers: Iterable[Waiver] = ()) -> GateRecord:
    """The record of a gate that found these; waivers of anything else are left out."""
    kept = [GateFinding.of(finding) for finding in findings]
    keys = {finding.key for finding in kept}
    return GateRecord(passed=not kept, findings=kept, waivers=[it for it in waivers if it.finding in keys])


def finding_key(where: str, message: str) -> str:
    return hashlib.sha256(f"{where}\n{message}".encode()).hexdigest()[:16]
