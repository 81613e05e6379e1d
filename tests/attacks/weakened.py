"""Sandboxes with walls taken out, for tests that have to be able to fail. The product has no switch for this.

Walls that a child takes upon itself are removed from a copy of `app/sandbox/cell`; walls of the app's side by patching
the app in this process. The start-up self-test, which would refuse to serve, is left out unless it is what is tested.
"""

from __future__ import annotations

import pickle
import shutil
import tempfile
from collections.abc import Collection, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from unittest.mock import patch

from app.sandbox import Limits, Sandbox, grants
from app.sandbox.cell import decoding
from app.sandbox.cell.wire import WireError
from app.sandbox.grants import Grant
from app.sandbox.talk import Talk

# What is added at the end of a module of the copy.
_REMOVED_FROM_THE_CELL = {
    "Landlock": ("landlock.py", "def restrict(ruleset):\n    pass\n"),
    "seccomp": ("seccomp.py", "Filter.install = lambda self: None\n"),
    "final limits": (
        "seccomp.py",
        "_own_limits = lambda number: _one_of(number, 0, _ALL_BITS, (0,))\n",
    ),
    "rlimits": ("limits.py", "def standing():\n    pass\n\n\ndef for_job(*args):\n    pass\n"),
    "no new privileges": (
        "syscalls.py",
        # Tracing and the death of the parent. Without no_new_privs itself no filter can be installed, and none serves.
        "_true = prctl\n\n\ndef prctl(option, value=0, third=0):\n"
        "    return 0 if option in (1, 4) else _true(option, value, third)\n",
    ),
}
WALLS = (
    "bubblewrap", "unprivileged user", "Landlock", "seccomp", "final limits", "rlimits", "no new privileges",
    "the app's clocks", "caps on output", "one child, one job", "closed wire format",
)  # fmt: skip
# Walls cover for each other, so some attacks get through only where several are missing.
COLUMNS: tuple[tuple[str, ...], ...] = (
    *((wall,) for wall in WALLS),
    ("bubblewrap", "Landlock"),
    ("bubblewrap", "seccomp"),
    ("Landlock", "seccomp"),
    ("seccomp", "rlimits"),
    ("rlimits", "the app's clocks"),
    ("bubblewrap", "Landlock", "no new privileges"),
    ("bubblewrap", "Landlock", "seccomp"),
    ("bubblewrap", "Landlock", "seccomp", "rlimits", "no new privileges"),  # only a process of another user
)
FOR_EVER_S = 3_600.0
NO_CAP = 1 << 30


@contextmanager
def without(walls: Collection[str], *, self_test: bool = False) -> Iterator[None]:
    """Sandboxes made in here lack `walls`; with the app's clocks goes its look at a child's memory.

    Clocks, caps and children are for whoever gives the jobs to take away.
    """
    with ExitStack() as stack:
        in_the_cell = [wall for wall in walls if wall in _REMOVED_FROM_THE_CELL]
        if in_the_cell:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            copy = _copy_without(in_the_cell, folder)
            stack.enter_context(patch.object(grants, "own_code", lambda: copy))
        if "unprivileged user" in walls:
            stack.enter_context(patch("app.sandbox.launch.SANDBOX_UID", 0))
        if "the app's clocks" in walls:
            stack.enter_context(patch.object(Talk, "_too_large", lambda self, bounds: None))
        if "closed wire format" in walls:
            stack.enter_context(patch.object(decoding.Decoder, "decode", _unpickling(decoding.Decoder.decode)))
        if not self_test:
            stack.enter_context(patch("app.sandbox.pool.assert_walls_stand", lambda child, numbers: None))
        yield


@contextmanager
def sandbox_without(walls: Collection[str]) -> Iterator[Sandbox]:
    with without(walls, self_test=not walls), Sandbox(workers=1, outer_wall="bubblewrap" not in walls) as made:
        yield made


def limits(given: Limits, walls: Collection[str]) -> Limits:
    """The limits of a job from which the app's clocks or caps are taken away."""
    changed = dict(given.__dict__)
    if "the app's clocks" in walls:
        changed |= {"cpu_s": FOR_EVER_S, "wall_s": FOR_EVER_S, "load_s": FOR_EVER_S}
    if "caps on output" in walls:
        changed |= {"stdout_bytes": NO_CAP, "result_bytes": NO_CAP}
    return Limits(**changed)


def _copy_without(walls: Collection[str], folder: Path) -> Grant:
    true = grants.own_code()
    folder.chmod(0o755)
    shutil.copytree(true.source, folder / "cell", ignore=shutil.ignore_patterns("__pycache__"))
    for wall in walls:
        name, text = _REMOVED_FROM_THE_CELL[wall]
        with (folder / "cell" / name).open("a") as module:
            module.write(f"\n\n{text}")
    return Grant(str(folder / "cell"), true.shown)


def _unpickling(decode):
    """What a grader does that trusts its children: values travel as pickles."""

    def trusting(decoder):
        try:
            return decode(decoder)
        except WireError:
            return pickle.loads(decoder._data)  # noqa: S301 (what is shown to be dangerous)

    return trusting
