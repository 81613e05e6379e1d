"""deploy/seccomp.json: what it names exists, and behind it the sandbox has the outer wall that Docker's own refuses."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.settings import ROOT

ATTACKS = Path(__file__).parents[1] / "attacks"
PROFILE = ROOT / "deploy" / "seccomp.json"

sys.path.insert(0, str(ATTACKS))

from docker_profile import read  # noqa: E402  (it lies beside the attacks)
from raw import NUMBERS  # noqa: E402  (as above)

BUBBLEWRAP = {"clone", "mount", "pivot_root", "sethostname", "umount2", "unshare"}
NEVER = """
    acct add_key bpf chroot clock_settime delete_module finit_module init_module io_uring_enter io_uring_register
    io_uring_setup ioperm iopl kexec_file_load kexec_load keyctl memfd_secret name_to_handle_at open_by_handle_at
    perf_event_open pidfd_getfd process_vm_readv process_vm_writev ptrace quotactl reboot request_key setns settimeofday
    swapoff swapon syslog userfaultfd
"""

INSIDE = """
import json, sys
sys.path.insert(0, sys.argv[1])
import campaign, docker_profile, stage
from pathlib import Path

try:
    campaign.take_the_ground("user")
except stage.Missing as missing:
    sys.exit(print(json.dumps(str(missing))))
profile = docker_profile.read(Path(sys.argv[2]))
for name in sys.argv[3:]:
    for rule in profile["syscalls"]:
        rule["names"] = [it for it in rule["names"] if it != name]
if profile["syscalls"]:
    docker_profile.install(profile)

from app.sandbox import Job, Sandbox, examine

with Sandbox() as sandbox:
    run = sandbox.run(Job("def f():\\n    return 6 * 7\\n", "f", [()]))
print(json.dumps([run.calls[0].ending, {wall.name: [wall.standing, wall.why] for wall in examine()}]))
"""


def behind(profile: Path, *without: str) -> tuple[str, dict[str, tuple[bool, str]]]:
    """How a job ended, and which walls stood, for an ordinary user behind that profile without some of its calls."""
    done = subprocess.run(
        [sys.executable, "-c", INSIDE, str(ATTACKS), str(profile), *without],
        capture_output=True,
        text=True,
        timeout=120,
        cwd=ROOT,
        env=os.environ | {"OPENBLAS_NUM_THREADS": "1"},
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    if isinstance(told, str):
        pytest.skip(told)
    ending, walls = told
    return ending, walls


def test_profile_is_of_the_shape_that_docker_reads() -> None:
    profile = read(PROFILE)
    assert profile["defaultAction"] == "SCMP_ACT_ERRNO"
    assert [it["architecture"] for it in profile["archMap"]] == ["SCMP_ARCH_X86_64"]
    for rule in profile["syscalls"]:
        assert set(rule) <= {"names", "action", "args", "comment", "errnoRet"}
        assert rule["action"] in ("SCMP_ACT_ALLOW", "SCMP_ACT_ERRNO")
        assert rule["names"] == sorted(set(rule["names"]))
        for test in rule.get("args", []):
            assert set(test) == {"index", "value", "op"}


def test_profile_names_calls_that_exist_and_none_that_a_container_must_not_have() -> None:
    rules = read(PROFILE)["syscalls"]
    allowed = {name for rule in rules if rule["action"] == "SCMP_ACT_ALLOW" for name in rule["names"]}
    assert allowed <= set(NUMBERS)
    assert not allowed & set(NEVER.split())
    assert set(NEVER.split()) <= set(NUMBERS)
    assert {"landlock_create_ruleset", "seccomp", "prctl", "execve", "pidfd_open"} <= allowed
    (for_bubblewrap,) = (set(rule["names"]) for rule in rules if "bubblewrap" in rule.get("comment", ""))
    assert for_bubblewrap == BUBBLEWRAP


def test_numbers_are_those_of_the_system_s_own_headers() -> None:
    header = next(iter(Path("/usr/include").glob("**/asm/unistd_64.h")), None)
    if header is None:
        pytest.skip("no kernel headers on this machine")
    lines = (line.split() for line in header.read_text().splitlines() if line.startswith("#define __NR_"))
    known = {name.removeprefix("__NR_"): int(number) for _, name, number in lines}
    assert {name: NUMBERS[name] for name in known} == known


@pytest.mark.parametrize("name", [None, *sorted(BUBBLEWRAP - {"clone"})])  # without clone, no thread either
def test_outer_wall_stands_behind_the_profile_and_needs_each_call_that_was_added(name: str | None) -> None:
    """Without it the inner walls serve alone, as they do behind Docker's own profile."""
    ending, walls = behind(PROFILE, *([name] if name else []))
    assert ending == "returned"
    assert walls.pop("bubblewrap")[0] is (name is None), walls
    assert all(standing for wall, (standing, _) in walls.items() if wall != "torch"), walls
