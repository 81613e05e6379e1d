"""One campaign: every file of the corpus is submitted to one sandbox, each followed by an honest submission.

A script. It prints one JSON line for the ground it stands on, then one for each attack, as it ends:

    python tests/attacks/campaign.py --setting user
    python tests/attacks/campaign.py --without Landlock --without bubblewrap [--only files/odd_paths]
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import signal
import sys
import sysconfig
import tempfile
import time
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(HERE), str(HERE.parent / "grading"), str(ROOT)]

import stage  # noqa: E402 (beside this script)
from made_questions import code_question, text  # noqa: E402 (as above)
from weakened import limits, sandbox_without  # noqa: E402 (as above)

from app.bank.schema import Code  # noqa: E402 (as above)
from app.grading.code import grade_code  # noqa: E402 (as above)
from app.sandbox import Ending, Job, Limits, Run, Sandbox, SandboxError, launch  # noqa: E402 (as above)
from app.sandbox.cell.syscalls import prctl  # noqa: E402 (as above)

INNER_WALLS_ONLY = ("root, inner walls", "user, inner walls")
SETTINGS = ("root", "user", "container", *INNER_WALLS_ONLY)
CORPUS = {str(path.relative_to(HERE / "corpus").with_suffix("")): path for path in sorted(HERE.glob("corpus/*/*.py"))}
LIMITS = Limits(cpu_s=0.3, wall_s=1.0, load_s=1.0, memory_mib=96, stdout_bytes=65_536, result_bytes=4 << 20)
GIVEN_UP_S = 2.5  # for what nothing ends once the app's clocks are gone
_HONEST = "def f(a):\n    return a + 1\n"
_SECRET = "WORD = 'what no submission may read'\n"
_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE = 1, 4


@dataclass(frozen=True)
class Attack:
    """One file of the corpus. `must` are the endings it may have; lines of its docstring say so."""

    name: str
    source: str
    must: tuple[str, ...]
    behind_inner_walls: tuple[str, ...]
    graded: bool
    lib: str
    calls: int
    steps: tuple[str, ...]
    dangerous_without: frozenset[str]
    open: str


@cache
def attack(name: str) -> Attack:
    source = CORPUS[name].read_text()
    lines: dict[str, list[str]] = {}
    for line in (ast.get_docstring(ast.parse(source)) or "").splitlines()[1:]:
        key, _, rest = line.partition(": ")
        lines.setdefault(key, []).append(rest)

    def choices(key: str, mark: str = " | ") -> tuple[str, ...]:
        return tuple(choice.strip() for line in lines.get(key, []) for choice in line.split(mark))

    return Attack(
        name=name,
        source=_prelude(source) + source,
        must=choices("must") + choices("graded"),
        behind_inner_walls=choices("without bubblewrap"),
        graded="graded" in lines,
        lib=lines.get("lib", ["numpy"])[0],
        calls=int(lines.get("calls", ["1"])[0]),
        steps=choices("jobs", ","),
        dangerous_without=frozenset(choices("not without", ",")),
        open=" ".join(lines.get("open", [])),
    )


def _prelude(source: str) -> str:
    """One line that makes the modules beside this script importable where the attack imports them."""
    modules = [name for name in ("raw", "forge") if f"from {name} import" in source]
    parts = [
        f"sys.modules[{name!r}] = types.ModuleType({name!r}); "
        f"exec({(HERE / f'{name}.py').read_text()!r}, sys.modules[{name!r}].__dict__)"
        for name in modules
    ]
    return f"import sys, types; {'; '.join(parts)}\n" if parts else "\n"


class Surroundings:
    """What an attack may go for: a folder to write in, a file to read, a process of the same user to signal."""

    def __init__(self, folder: Path, uid: int) -> None:
        folder.chmod(0o777)
        self._folder = folder
        self._secret = folder / "secret.py"
        self._restore()
        self._decoy = os.fork()
        if self._decoy == 0:
            prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
            if os.getuid() != uid:
                os.setgroups([])
                os.setresgid(uid, uid, uid)
                os.setresuid(uid, uid, uid)
            prctl(_PR_SET_DUMPABLE, 1)
            while True:
                signal.pause()

    def given(self, step: str) -> dict[str, object]:
        return {"folder": str(self._folder), "secret": str(self._secret), "pid": self._decoy, "step": step}

    def harm(self) -> list[str]:
        """What an attack has changed here, seen from outside. Undoes it."""
        found = [f"made {path.name}" for path in self._folder.iterdir() if path != self._secret]
        if not self._secret.is_file() or self._secret.read_text() != _SECRET or self._secret.stat().st_nlink > 1:
            found.append("changed the secret")
        if os.waitpid(self._decoy, os.WNOHANG) != (0, 0):
            found.append("killed the other process")
        if found:
            self._restore()
        return found

    def _restore(self) -> None:
        for path in self._folder.iterdir():
            path.rmdir() if path.is_dir() else path.unlink()
        self._secret.write_text(_SECRET)
        self._secret.chmod(0o666)

    def close(self) -> None:
        os.kill(self._decoy, signal.SIGKILL)
        os.waitpid(self._decoy, 0)


@contextmanager
def surroundings() -> Iterator[Surroundings]:
    uid = launch.SANDBOX_UID if os.geteuid() == 0 else os.getuid()
    with tempfile.TemporaryDirectory() as folder:
        made = Surroundings(Path(folder), uid)
        try:
            yield made
        finally:
            made.close()


def fight(sandbox: Sandbox, one: Attack, around: Surroundings, walls: frozenset[str]) -> str:
    """Submit one attack and return how it ended."""
    if one.graded:
        ended = _graded(sandbox, one, walls)
    elif "one child, one job" in walls and one.steps:
        # What would have been jobs are calls of one job.
        ended = _told(_run(sandbox, one, [around.given(step) for step in one.steps], walls)).rpartition(" then ")[2]
    elif one.steps:
        ended = [_told(_run(sandbox, one, [around.given(step)], walls)) for step in one.steps][-1]
    else:
        ended = _told(_run(sandbox, one, [around.given("")] * one.calls, walls))
    return ended


def _run(sandbox: Sandbox, one: Attack, given: list[dict[str, object]], walls: frozenset[str]) -> Run:
    functions = [node for node in ast.parse(one.source).body if isinstance(node, ast.FunctionDef) and node.name == "f"]
    takes = bool(functions and functions[0].args.args)
    calls = [(facts,) if takes else () for facts in given]
    until = time.monotonic() + GIVEN_UP_S * len(calls)
    over = (lambda: time.monotonic() > until) if "the app's clocks" in walls else None
    job = Job(one.source, "f", calls, lib=one.lib, limits=limits(LIMITS, walls))  # type: ignore[arg-type]  # a word of ours
    return sandbox.run(job, cancelled=over)


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


@cache
def _question() -> Code:
    """A question whose answer is 1, for attacks on what a learner is told."""
    return code_question(
        function="f",
        signature="f(x) -> int",
        starter="def f(x):\n    ...\n",
        reference="def f(x):\n    return {'due': 1} if x else 1\n",
        cases="def cases(rng):\n    yield {'name': 'one', 'args': [0], 'hidden': False}\n"
        "    yield {'name': 'two', 'args': [1], 'hidden': False}\n    yield {'name': 'three', 'args': [0]}\n",
        case_titles={name: text(name) for name in ("one", "two", "three")},
        allowed_imports=[*sys.stdlib_module_names, "numpy", "torch"],
        limits={"time_s": LIMITS.cpu_s, "memory_mib": LIMITS.memory_mib},
        wrong=[{"name": "zero", "code": "def f(x):\n    return 0\n", "verdict": "wrong_answer", "note": text("No.")}],
    )


def _graded(sandbox: Sandbox, one: Attack, walls: frozenset[str]) -> str:
    """The verdict, and what is raw or gigantic in the words that pages and terminals get."""
    report = grade_code(_question(), one.source, sandbox=sandbox, mode="submit", seed=0)
    shown = [report.as_json(lang) for lang in ("en", "zh")]
    raw = sorted({f"raw U+{ord(c):04X}" for told in _texts(shown) for c in told if _steers(c)})
    gigantic = [f"a text of {len(told)} characters" for told in _texts(shown) if len(told) > LIMITS.stdout_bytes + 200]
    return " and ".join([report.verdict.value, *raw, *gigantic])


def _steers(character: str) -> bool:
    """Whether a character is none that is seen: controls, formats, half characters, separators of lines."""
    return character not in "\n\t" and unicodedata.category(character) in {"Cc", "Cf", "Cs", "Zl", "Zp"}


def _texts(value: object) -> Iterator[str]:
    match value:
        case str():
            yield value
        case dict():
            for entry in value.values():
                yield from _texts(entry)
        case list() | tuple():
            for entry in value:
                yield from _texts(entry)


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
