"""The sandbox against its peers on one tiny question of ten cases, everything interleaved in one run.

For numpy and for torch: the bare function in this process, a bare fork, the sandbox with a spare child, on demand and
without its walls, and a cold `bwrap python` (nsjail and isolate too where they are installed). Prints medians, 95th
percentiles and ratios, then verdicts a second. Exits 1 when a target is missed.
Usage: python -m benchmarks.sandbox_speed [numpy|torch] [ROUNDS]
"""

from __future__ import annotations

import json
import os
import pickle
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np

from app.sandbox import Ending, Job, Library, Sandbox, Tensor, grants, launch, pool

CALLS = 10
COLD = "cold bwrap python"
ROUNDS = {"numpy": 40, "torch": 12}
TIMES_FASTER_THAN_COLD = {"numpy": 40.0, "torch": 200.0}
MOST_TAIL = 2.0  # p95 against the median
MOST_OVERHEAD_MS = 3.0  # over the function in process
MOST_COST_OF_WALLS = 0.15
THROUGHPUT_TIMES_COLD = 15.0

IOU = """
def iou(a, b):
    width = max(0.0, min(a[2], b[2]) - max(a[0], b[0]))
    height = max(0.0, min(a[3], b[3]) - max(a[1], b[1]))
    inter = width * height
    union = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - inter
    return float(inter / union) if union > 0 else 0.0
"""
IOU_TORCH = """
import torch

def iou(a, b):
    size = (torch.minimum(a[2:], b[2:]) - torch.maximum(a[:2], b[:2])).clamp(min=0)
    inter = size.prod()
    union = (a[2:] - a[:2]).prod() + (b[2:] - b[:2]).prod() - inter
    return inter / union if union > 0 else inter * 0
"""
# What a walled process does without its walls: the same code, each of these put in the place of the real one.
NO_WALLS = {
    "landlock.py": "def build(*_):\n    return -1\n\n\ndef restrict(_):\n    pass\n",
    "seccomp.py": "class Filter:\n    def install(self):\n        pass\n\n\ndef allow_list():\n    return Filter()\n",
    "limits.py": "def standing():\n    pass\n\n\ndef address_space():\n    return 0\n\n\ndef for_job(*_):\n    pass\n",
}

Work = dict[str, Callable[[], None]]


def question(lib: Library) -> Job:
    rng = np.random.default_rng(0)
    corner = rng.uniform(0, 80, (2 * CALLS, 2))
    boxes = np.concatenate([corner, corner + rng.uniform(5, 30, (2 * CALLS, 2))], axis=1)
    if lib == "numpy":
        return Job(IOU, "iou", [(boxes[2 * i], boxes[2 * i + 1]) for i in range(CALLS)])
    pairs = [(Tensor(boxes[2 * i]), Tensor(boxes[2 * i + 1])) for i in range(CALLS)]
    return Job(IOU_TORCH, "iou", pairs, lib="torch")


def sandboxed(sandbox: Sandbox, job: Job) -> None:
    run = sandbox.run(job)
    assert [call.ending for call in run.calls] == [Ending.RETURNED] * CALLS, run


def in_process(job: Job) -> list[object]:
    space: dict[str, Any] = {}
    exec(compile(job.source, "solution.py", "exec"), space)  # noqa: S102 (our own source, the floor of the comparison)
    return [space[job.function](*args) for args in given(job)]


def given(job: Job) -> list[list[Any]]:
    if job.lib == "numpy":
        return [list(args) for args in job.calls]
    torch = sys.modules["torch"]
    return [[torch.from_numpy(value.array) for value in args] for args in job.calls]  # type: ignore[attr-defined]  # tensors, as the job is torch's


def bare_fork(job: Job) -> None:
    """A fork of this process, which has everything imported, and a pipe: no wall at all."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        with os.fdopen(writing, "wb") as out:
            pickle.dump([float(value) for value in in_process(job)], out)  # type: ignore[arg-type]  # numbers and tensors
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as answer:
        assert len(pickle.load(answer)) == CALLS  # noqa: S301 (our own child)
    os.waitpid(pid, 0)


def cold_program(job: Job) -> tuple[list[str], str]:
    """The command of a cold interpreter that reads a job as JSON and writes answers as JSON; and that job."""
    packages = str(Path(grants.packages("numpy")["numpy"].source).parent)
    make = "np.array" if job.lib == "numpy" else "torch.tensor"
    program = (
        f"import json, sys; sys.path.insert(0, {packages!r}); import numpy as np\n"
        + ("import torch\n" if job.lib == "torch" else "")
        + "job = json.load(sys.stdin); space = {}\n"
        "exec(job['source'], space)\n"
        f"print(json.dumps([float(space['iou'](*[{make}(v) for v in args])) for args in job['calls']]))"
    )
    command = [grants.interpreter().executable.source, "-I", "-S", "-B", "-c", program]
    arrays = [[np.asarray(getattr(value, "array", value)).tolist() for value in args] for args in job.calls]
    return command, json.dumps({"source": job.source, "calls": arrays})


def cold(command: list[str], text: str) -> None:
    threads = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=True, env=threads)
    assert len(json.loads(done.stdout)) == CALLS


def cold_peers(job: Job) -> Work:
    """Cold interpreters behind each jail that this machine has."""
    command, text = cold_program(job)
    bwrap = launch.bubblewrap_binary()
    if bwrap is None:
        sys.exit("bubblewrap is needed for the comparison")
    jails = {COLD: [bwrap, "--unshare-all", "--die-with-parent", "--ro-bind", "/", "/", "--dev", "/dev", "--"]}
    if nsjail := shutil.which("nsjail"):
        jails["cold nsjail python"] = [nsjail, "-Mo", "-Q", "--chroot", "/", "--rlimit_as", "max", "--"]
    if isolate := shutil.which("isolate"):
        jails["cold isolate python"] = [isolate, "--silent", "--run", "--"]
    return {name: lambda jail=jail: cold([*jail, *command], text) for name, jail in jails.items()}  # type: ignore[misc]  # bound now


@contextmanager
def without_walls() -> Iterator[None]:
    """The sandbox's own code with its inner walls taken out, no outer wall, no root to give up, no self-test."""
    with tempfile.TemporaryDirectory() as folder:
        cell = Path(folder) / "cell"
        shutil.copytree(grants.own_code().source, cell)
        for name, text in NO_WALLS.items():
            (cell / name).write_text(text)
        Path(folder).chmod(0o755)
        own = grants.Grant(str(cell), grants.own_code().shown)
        with patch.object(grants, "own_code", lambda: own), patch.object(pool, "assert_walls_stand", lambda *_: None):
            yield


def timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - started)


def p95(values: list[float]) -> float:
    return sorted(values)[int(0.95 * (len(values) - 1))]


def measure(work: Work, rounds: int) -> dict[str, list[float]]:
    """Milliseconds of each piece of work, all of them in turn, `rounds` times after two that do not count.

    A cold interpreter runs before each of the others: time enough for the next spare to be made.
    """
    times: dict[str, list[float]] = {name: [] for name in work}
    for turn in range(rounds + 2):
        for name, do in work.items():
            if not name.startswith("cold"):
                work[COLD]()
            took = timed(do)
            if turn >= 2:
                times[name].append(took)
        for do in work.values():  # untimed: what the fork left to be copied is nobody else's cost
            do()
    return times


def a_second(work: Callable[[], None], threads: int, seconds: float = 4.0) -> float:
    """How often a second `work` gets done by that many threads."""
    ends = time.perf_counter() + seconds
    done = [0] * threads

    def go_on(index: int) -> None:
        while time.perf_counter() < ends:
            work()
            done[index] += 1

    crew = [threading.Thread(target=go_on, args=(index,)) for index in range(threads)]
    started = time.perf_counter()
    for one in crew:
        one.start()
    for one in crew:
        one.join()
    return sum(done) / (time.perf_counter() - started)


def judged(what: str, value: float, met: bool, target: str) -> bool:
    print(f"  {what:58s} {value:8.2f}   target {target:9s} {'met' if met else 'MISSED'}")
    return met


def compare(lib: Library, rounds: int) -> bool:
    """Print the table of one library set. True if every target is met."""
    job = question(lib)
    with (
        Sandbox(libs=(lib,), spares=2) as ready,
        Sandbox(libs=(lib,), spares=0) as on_demand,
        without_walls(),
        Sandbox(libs=(lib,), spares=2, outer_wall=False) as open_plain,
    ):
        peers = cold_peers(job)
        work: Work = {
            "function in process": lambda: void(in_process(job)),
            "sandbox, spare ready": lambda: sandboxed(ready, job),
            "sandbox without its walls": lambda: sandboxed(open_plain, job),
            "sandbox, on demand": lambda: sandboxed(on_demand, job),
            **peers,
            "bare fork": lambda: bare_fork(job),  # last: it leaves pages of this process to be copied
        }
        for sandbox in (ready, on_demand, open_plain):
            sandboxed(sandbox, job)
        times = measure(work, rounds)
        middle = {name: statistics.median(taken) for name, taken in times.items()}
        print(f"{lib}: iou, {CALLS} cases, {rounds} rounds")
        for name, taken in times.items():
            ratio = middle[COLD] / middle[name]
            print(f"  {name:28s} median {middle[name]:9.2f} ms   p95 {p95(taken):9.2f} ms   cold is {ratio:7.1f} times")
        sandbox_ms = middle["sandbox, spare ready"]
        faster = middle[COLD] / sandbox_ms
        tail = p95(times["sandbox, spare ready"]) / sandbox_ms
        over = sandbox_ms - middle["function in process"]
        walls = sandbox_ms / middle["sandbox without its walls"] - 1
        least = TIMES_FASTER_THAN_COLD[lib]
        met = [
            judged("times faster than cold bubblewrap at the median", faster, faster >= least, f">= {least:g}"),
            judged("p95 as a multiple of the median", tail, tail <= MOST_TAIL, f"<= {MOST_TAIL:g}"),
            judged("ms over the function in process", over, over <= MOST_OVERHEAD_MS, f"<= {MOST_OVERHEAD_MS:g}"),
            judged("share of its time that the walls cost", walls, walls <= MOST_COST_OF_WALLS, "<= 0.15"),
            throughput(ready, job, peers[COLD]),
        ]
    return all(met)


def throughput(sandbox: Sandbox, job: Job, peer: Callable[[], None]) -> bool:
    """Verdicts a second of two workers, against cold interpreters one after the other and two at a time."""
    alone, two_cold = a_second(peer, 1), a_second(peer, 2)
    warm = a_second(lambda: sandboxed(sandbox, job), 2)
    print(f"  verdicts a second: {warm:.0f} with 2 workers; cold {alone:.1f} with one, {two_cold:.1f} with two")
    judged("verdicts a second, 2 workers against 2 cold", warm / two_cold, True, "(none)")
    times = warm / alone
    return judged("verdicts a second, 2 workers against cold", times, times >= THROUGHPUT_TIMES_COLD, ">= 15")


def void(_: object) -> None:
    """Drop a result."""


def main() -> None:
    wanted = sys.argv[1] if len(sys.argv) > 1 else ""
    if wanted:
        lib: Library = "torch" if wanted == "torch" else "numpy"
        if lib == "torch":
            os.environ["OMP_NUM_THREADS"] = "1"
            import torch

            torch.set_num_threads(1)
        sys.exit(0 if compare(lib, int(sys.argv[2]) if len(sys.argv) > 2 else ROUNDS[lib]) else 1)
    libs = [lib for lib in ("numpy", "torch") if grants.installed(lib)]  # type: ignore[arg-type]  # the literals
    codes = [
        subprocess.run([sys.executable, "-m", "benchmarks.sandbox_speed", lib], check=False).returncode for lib in libs
    ]
    sys.exit(max(codes))


if __name__ == "__main__":
    main()
