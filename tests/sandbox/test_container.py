"""The sandbox inside a container that refuses namespaces and mounts, as Docker's default profile does.

The whole corpus runs there too, in `tests/attacks`; here it is what the person who set it up gets to know.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ATTACKS = Path(__file__).parents[1] / "attacks"

INSIDE = """
import json, sys
sys.path.insert(0, sys.argv[1])
import campaign, stage

try:
    campaign.take_the_ground("container")
    if "image's user" in sys.argv:
        stage.become_a_user()
except stage.Missing as missing:
    sys.exit(print(json.dumps(str(missing))))

from app.sandbox import Job, Sandbox, examine

with Sandbox() as sandbox:
    run = sandbox.run(Job("import os\\ndef f():\\n    return os.fork()\\n", "f", [()]))
print(json.dumps([run.calls[0].ending, {wall.name: [wall.standing, wall.why, wall.mend] for wall in examine()}]))
"""


@pytest.mark.parametrize("user", ["whoever runs this", "image's user"])
def test_without_namespaces_the_inner_walls_serve_and_the_missing_one_is_named(user):
    if user == "image's user" and os.geteuid() != 0:
        pytest.skip("only root can become another user; the other case is an ordinary user here")
    done = subprocess.run(
        [sys.executable, "-c", INSIDE, str(ATTACKS), user],
        capture_output=True,
        text=True,
        timeout=120,
        env=os.environ | {"OPENBLAS_NUM_THREADS": "1"},
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    if isinstance(told, str):
        pytest.skip(told)
    ending, walls = told
    assert ending == "forbidden"
    standing, why, mend = walls.pop("bubblewrap")
    assert not standing
    assert "ermi" in why  # "No permissions to create a new namespace", "Operation not permitted"
    assert "user namespaces" in mend
    assert all(wall[0] for wall in walls.values()), walls
