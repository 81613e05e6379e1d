"""The tests of the walls can fail: with a wall removed an attack gets through, and the self-test refuses to serve.

Attacks are run with walls removed only inside an enclosure of their own (`stage.enclose`, `stage.bound`), which needs
root. The self-test's own attempts are harmless and run here.
"""

from __future__ import annotations

import os

import pytest
from attack import CORPUS, attack
from campaign import SETTINGS
from matrix import HELD, LEFT_OUT, measure, rows_of_the_page
from matrix import without as arguments
from weakened import WALLS, without

from app.sandbox import Job, Sandbox, SandboxError, examine
from app.sandbox.job import Ending

# One attack that only this wall stops, whatever stands beside it.
WITNESSES = {
    "bubblewrap": "files/tell_that_a_path_exists",
    "unprivileged user": "processes/be_root",
    "Landlock": "files/read_files_by_raw_open",
    "seccomp": "network/network_of_every_family",
    "final limits": "processes/seem_killed_from_outside",
    "rlimits": "descriptors/open_without_end",
    "no new privileges": "processes/leave_itself_open_to_tracing",
    "the app's clocks": "time/sleep",
    "caps on output": "output/write_without_end",
    "one child, one job": "state/leave_modules_changed",
    "closed wire format": "forging/pickle_on_the_wire",
}
# What the self-test proves, under the names that doctor uses.
PROVEN = {wall: wall for wall in ("unprivileged user", "Landlock", "seccomp", "rlimits", "no new privileges")} | {
    "final limits": "seccomp"
}


def test_every_wall_has_an_attack_that_only_it_stops():
    assert set(WITNESSES) == set(WALLS)


@pytest.mark.parametrize("wall", WALLS)
def test_with_a_wall_removed_an_attack_gets_through(wall):
    witness = WITNESSES[wall]
    told = measure(*arguments([wall]), "--only", witness)
    if isinstance(told, str):
        pytest.skip(told)
    assert not told[witness]["held"], told[witness]
    assert told[witness]["ended"]


def test_the_same_enclosure_with_every_wall_holds_all_these_attacks():
    told = measure(*(argument for witness in WITNESSES.values() for argument in ("--only", witness)))
    if isinstance(told, str):
        pytest.skip(told)
    assert [name for name, line in told.items() if not line["held"]] == []


@pytest.mark.parametrize("wall", PROVEN)
def test_self_test_refuses_to_serve_without_a_wall_and_doctor_names_it(wall):
    if wall == "unprivileged user" and os.geteuid() != 0:
        pytest.skip("only root can have code run as root")
    with without([wall], self_test=True):
        with Sandbox(workers=1) as sandbox, pytest.raises(SandboxError, match=rf"\[{PROVEN[wall]}\]"):
            sandbox.run(Job("def f():\n    return 1\n", "f", [()]))
        told = {line.name: line for line in examine()}
    assert not told[PROVEN[wall]].standing
    assert "a test program could" in told[PROVEN[wall]].why
    assert told[PROVEN[wall]].mend
    assert not told["self-test"].standing
    assert [name for name in set(PROVEN.values()) if not told[name].standing] == [PROVEN[wall]]


def test_weakened_copy_serves_when_the_self_test_is_left_out():
    """Otherwise the refusals above could come from a copy that does not run at all."""
    with without(["Landlock"]), Sandbox(workers=1) as sandbox:
        run = sandbox.run(Job("import os\ndef f():\n    return os.open('/', 0)\n", "f", [()]))
    assert run.calls[0].ending in {Ending.RETURNED, Ending.FORBIDDEN}


def test_page_of_the_matrix_names_every_attack_and_no_other_and_says_which_are_open():
    rows = rows_of_the_page()
    assert list(rows) == list(CORPUS)
    not_held = [name for name, marks in rows.items() if not set(marks[: len(SETTINGS)]) <= {HELD, LEFT_OUT}]
    assert not_held == [name for name in CORPUS if attack(name).open]
