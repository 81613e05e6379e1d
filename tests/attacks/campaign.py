"""One campaign: every file of the corpus is submitted to one sandbox, each followed by an honest submission.

A script. It prints one JSON line for the ground it stands on, then one for each attack, as it ends:

    python tests/attacks/campaign.py --setting user
    python tests/attacks/campaign.py --without Landlock --without bubblewrap [--only files/odd_paths]
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import sysconfig
import time
from dataclasses import replace
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(HERE), str(HERE.parent), str(ROOT)]

import stage  # noqa: E402 (beside this script)
from attack import CORPUS, Attack, attack  # noqa: E402 (as above)
from surroundings import Surroundings, surroundings  # noqa: E402 (as above)
from weakened import limits, sandbox_without  # noqa: E402 (as above)
from words import graded  # noqa: E402 (as above)

from app.sandbox import Ending, Job, Limits, Run, Sandbox, SandboxError  # noqa: E402 (below this repository)

INNER_WALLS_ONLY = ("root, inner walls", "user, inner walls")
SETTINGS = ("root", "user", "container", *INNER_WALLS_ONLY)
LIMITS = Limits(cpu_s=0.3, wall_s=1.2, load_s=1.0, memory_mib=96, stdout_bytes=65_536, result_bytes=4 << 20)
GIVEN_UP_S = 2.5  # for what nothing ends once the app's clocks are gone
_HONEST = "def f(a):\n    return a + 1\n"


def fight(sandbox: Sandbox, one: Attack, around: Surroundings, walls: frozenset[str]) -> str:
    """Submit one attack and return how it ended."""
    if one.graded:
        return graded(sandbox, one.source, LIMITS)
    if not one.steps:
        return _told(_run(sandbox, one, [around.given("")] * one.calls, walls))
    given = [around.given(step) for step in one.steps]
    if "one child, one job" in walls:  # what would have been jobs are calls of one job
        ended = _told(_run(sandbox, one, given, walls)).split(" then ")
    else:
        ended = [_told(_run(sandbox, one, [facts], walls)) for facts in given]
    # The last one tells; but only after the others had their way.
    return ended[-1] if all(end.startswith("returned") for end in ended) else " then ".join(ended)


def _run(sandbox: Sandbox, one: Attack, given: list[dict[str, object]], walls: frozenset[str]) -> Run:
    calls = [(facts,) if one.takes_facts else () for facts in given]
    until = time.monotonic() + GIVEN_UP_S * len(calls)
    over = (lambda: time.monotonic() > until) if "the app's clocks" in walls else None
    bounds = limits(replace(LIMITS, cpu_s=one.cpu_s, wall_s=4 * one.cpu_s), walls)
    return sandbox.run(Job(one.source, "f", calls, lib=one.lib, limits=bounds), cancelled=over)  # type: ignore[arg-type]  # a word of ours


def _told(run: Run) -> str:
    """A run as the corpus writes it."""
    if run.load is not Ending.RETURNED:
        return run.load.value
    return " then ".join(
        f"returned {call.value!r}" if call.ending is Ending.RETURNED else call.ending.value for call in run.calls
    )


def _fits(ended: str, must: tuple[str, ...]) -> bool:
    """Whether an ending is one of those allowed. A value may be given as the name of its type."""
    kinds = {"[": "list", "{": "dict", "(": "tuple", "a": "ndarray", "O": "Opaque"}
    value = ended.removeprefix("returned ")
    return ended in must or (ended != value and " and " not in ended and f"returned {kinds.get(value[:1])}" in must)


def honest(sandbox: Sandbox, lib: str) -> bool:
    run = sandbox.run(Job(_HONEST, "f", [(1,)], lib=lib))  # type: ignore[arg-type]  # a word of ours
    return run.load is Ending.RETURNED and run.calls[0].value == 2


def campaign(setting: str | None, walls: frozenset[str], names: list[str]) -> None:
    inner = "bubblewrap" in walls or setting == "container"
    with surroundings() as around, sandbox_without(walls) as sandbox:
        _assert_as_announced(sandbox, inner)
        warm = {"numpy"}
        for name in names:
            one = attack(name)
            if one.dangerous_without & walls:
                tell(attack=name, left_out="it would be dangerous")
                continue
            if not sandbox.available(one.lib):  # type: ignore[arg-type]  # a word of ours
                tell(attack=name, left_out=f"{one.lib} is not installed")
                continue
            if one.lib not in warm:
                honest(sandbox, one.lib)  # starts its parent, which takes seconds
                warm.add(one.lib)
            started = time.monotonic()
            must = one.must + one.behind_inner_walls if inner and setting else one.must
            try:
                ended = fight(sandbox, one, around, walls)
                accepted = honest(sandbox, one.lib)
            except Exception as error:
                ended, accepted = f"the app broke: {type(error).__name__}: {error}", False
            ended = " and ".join([ended, *around.harm()])
            held = _fits(ended, must) and accepted
            tell(attack=name, ended=ended, must=must, honest=accepted, held=held, ms=_ms(started))


def _ms(started: float) -> int:
    return round(1000 * (time.monotonic() - started))


def _assert_as_announced(sandbox: Sandbox, inner: bool) -> None:
    """A campaign of all walls in which bubblewrap could not start proves nothing about it."""
    try:
        served = honest(sandbox, "numpy")
    except SandboxError as error:
        raise stage.Missing(f"nothing is served: {error}") from error
    entrance = sandbox._pools["numpy"].entrance
    if not served or entrance is None or (entrance.bubblewrap is None) != inner:
        raise stage.Missing(f"the way in is {entrance}, which is not what this campaign is about")
    tell(ground=str(entrance), uid=os.getuid())


def tell(**what: object) -> None:
    print(json.dumps(what, default=list), flush=True)


def _readable_paths() -> list[Path]:
    """What an ordinary user has to be able to read: the interpreter, the packages and this repository."""
    packages = Path(sysconfig.get_path("purelib")).resolve()
    return [Path(sys.base_prefix).resolve(), packages.parents[2], ROOT]


def take_the_ground(setting: str | None) -> None:
    """Arrange the setting; without one, the enclosure in which walls are removed."""
    if platform.machine() != "x86_64":
        raise stage.Missing("the attacks speak the system call numbers of x86-64")
    match setting:
        case "root" | "root, inner walls":
            stage.need_root()
        case "container":
            if os.geteuid() == 0:
                stage.enclose()
                stage.show_to_everyone(_readable_paths())
            stage.become_a_container()
        case "user" | "user, inner walls":
            if os.geteuid() == 0:
                stage.show_to_everyone(_readable_paths())
                stage.become_a_user()
        case _:
            stage.enclose()
            stage.bound(processes=200, memory_mib=8192, file_mib=64, cpu_s=300)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--setting", choices=SETTINGS)
    parser.add_argument("--without", action="append", default=[])
    parser.add_argument("--only", action="append", default=[])
    options = parser.parse_args()
    walls = frozenset(options.without)
    if options.setting in INNER_WALLS_ONLY:
        walls |= {"bubblewrap"}
    try:
        take_the_ground(options.setting)
        campaign(options.setting, walls, options.only or list(CORPUS))
    except stage.Missing as missing:
        tell(skipped=str(missing))


if __name__ == "__main__":
    main()
