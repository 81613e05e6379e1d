"""A seccomp profile as Docker reads it, put before the calling process as runc would."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from raw import NUMBERS

from app.sandbox.cell.seccomp import Filter
from app.sandbox.cell.syscalls import prctl

_LD, _JEQ, _RET = 0x20, 0x15, 0x06
_ALLOW, _ERRNO, _KILL = 0x7FFF0000, 0x00050000, 0x80000000
_X86_64 = 0xC000003E
_PR_SET_NO_NEW_PRIVS = 38


def read(path: Path) -> dict[str, Any]:
    profile: dict[str, Any] = json.loads(path.read_text())
    return profile


def install(profile: dict[str, Any]) -> None:
    """Stand behind it from here on, with all that is started, on x86-64."""
    refusal = _ERRNO | profile["defaultErrnoRet"]
    steps = [(_LD, 0, 0, 4), (_JEQ, 1, 0, _X86_64), (_RET, 0, 0, _KILL)]
    for rule in profile["syscalls"]:
        allows = rule["action"] == "SCMP_ACT_ALLOW"
        answer = _ALLOW if allows else _ERRNO | rule["errnoRet"]
        for name in rule["names"]:
            steps.append((_LD, 0, 0, 0))
            steps += _rule(NUMBERS[name], rule.get("args", []), answer)
    steps.append((_RET, 0, 0, refusal))
    prctl(_PR_SET_NO_NEW_PRIVS, 1)
    Filter(steps).install()


def _rule(number: int, tests: list[dict[str, Any]], answer: int) -> list[tuple[int, int, int, int]]:
    """That call, if the low word of one argument is, or is not, one value. More than that our profile does not ask."""
    if not tests:
        return [(_JEQ, 0, 1, number), (_RET, 0, 0, answer)]
    (test,) = tests
    is_equal = {"SCMP_CMP_EQ": True, "SCMP_CMP_NE": False}[test["op"]]
    compare = (_JEQ, 0, 1, test["value"]) if is_equal else (_JEQ, 1, 0, test["value"])
    return [(_JEQ, 0, 3, number), (_LD, 0, 0, 16 + 8 * test["index"]), compare, (_RET, 0, 0, answer)]
