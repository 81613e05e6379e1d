"""The sandbox inside a container that refuses namespaces and mounts, as Docker's default profile does."""

from __future__ import annotations

import json
import subprocess
import sys

# Installs a filter that refuses what Docker's default profile refuses without CAP_SYS_ADMIN, then uses the sandbox.
INSIDE = """
import json, sys
from app.sandbox.cell.seccomp import Filter
from app.sandbox.cell.syscalls import architecture, prctl

LOAD, EQUAL, ANY_BIT, RETURN = 0x20, 0x15, 0x45, 0x06
ALLOW, EPERM, ENOSYS = 0x7FFF0000, 0x00050001, 0x00050026
NAMESPACES = 0x7E020000
numbers = architecture().numbers
steps = [(LOAD, 0, 0, 0)]
for name in ("unshare", "mount", "setns", "bpf", "ptrace"):
    if name in numbers:
        steps += [(EQUAL, 0, 1, numbers[name]), (RETURN, 0, 0, EPERM)]
steps += [(EQUAL, 0, 1, numbers["clone3"]), (RETURN, 0, 0, ENOSYS)]
steps += [(EQUAL, 0, 3, numbers["clone"]), (LOAD, 0, 0, 16), (ANY_BIT, 0, 1, NAMESPACES), (RETURN, 0, 0, EPERM)]
steps += [(RETURN, 0, 0, ALLOW)]
prctl(38, 1)
Filter(steps).install()

from app.sandbox import Job, Sandbox, SandboxError, examine

with Sandbox() as sandbox:
    try:
        run = sandbox.run(Job("import os\\ndef f():\\n    return os.fork()\\n", "f", [()]))
        told = run.calls[0].ending.value
    except SandboxError as error:
        told = str(error)
print(json.dumps({"told": told, "walls": {wall.name: [wall.standing, wall.why, wall.mend] for wall in examine()}}))
"""


def test_without_namespaces_the_inner_walls_serve_or_the_refusal_says_why():
    done = subprocess.run([sys.executable, "-c", INSIDE], capture_output=True, text=True, check=True, timeout=60)
    seen = json.loads(done.stdout)
    standing, why, mend = seen["walls"]["bubblewrap"]
    assert not standing
    assert why
    assert "user namespaces" in mend
    if seen["walls"]["self-test"][0]:
        assert seen["told"] == "forbidden"
    else:  # the interpreter lies where an unprivileged user cannot read it, and no mount may show it elsewhere
        assert "Permission denied" in seen["told"]
        assert "can read" in seen["walls"]["self-test"][2]
