"""Verdict latency: ten calls on the warm sandbox against a cold `bwrap python` doing the same, interleaved in one run.

Prints medians, 95th percentiles and ratios, with the bare function in process as the floor. Exits 1 when the ratio
of the nms medians is below its target. Usage: python -m benchmarks.verdict_latency [ROUNDS]
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from app.sandbox import Ending, Job, Sandbox, grants, launch

TARGET_RATIO = 5.0
CALLS = 10
BOXES = 40

IOU = """
def iou(a, b):
    width = max(0.0, min(a[2], b[2]) - max(a[0], b[0]))
    height = max(0.0, min(a[3], b[3]) - max(a[1], b[1]))
    inter = width * height
    union = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - inter
    return float(inter / union) if union > 0 else 0.0
"""

NMS = """
import numpy as np

def nms(boxes, scores, iou_threshold):
    order = np.argsort(-scores, kind="stable")
    area = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    keep = []
    while order.size:
        i, rest = order[0], order[1:]
        keep.append(int(i))
        low = np.maximum(boxes[i, :2], boxes[rest, :2])
        high = np.minimum(boxes[i, 2:], boxes[rest, 2:])
        inter = np.clip(high - low, 0, None).prod(axis=1)
        order = rest[inter / (area[i] + area[rest] - inter) <= iou_threshold]
    return keep
"""


def boxes(rng: np.random.Generator, count: int) -> np.ndarray[Any, Any]:
    corner = rng.uniform(0, 80, (count, 2))
    return np.concatenate([corner, corner + rng.uniform(5, 30, (count, 2))], axis=1)


def jobs() -> list[Job]:
    rng = np.random.default_rng(0)
    pairs = [tuple(boxes(rng, 2)) for _ in range(CALLS)]
    sets = [(boxes(rng, BOXES), rng.uniform(0, 1, BOXES), 0.5) for _ in range(CALLS)]
    return [Job(IOU, "iou", pairs), Job(NMS, "nms", sets)]


def timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - started)


def warm(sandbox: Sandbox, job: Job) -> None:
    run = sandbox.run(job)
    assert [call.ending for call in run.calls] == [Ending.RETURNED] * CALLS, run


def in_process(job: Job) -> None:
    space: dict[str, Any] = {}
    exec(compile(job.source, "solution.py", "exec"), space)  # noqa: S102 (our own source, the floor of the comparison)
    for args in job.calls:
        space[job.function](*args)


def cold_command(job: Job) -> list[str]:
    binary = launch.bubblewrap_binary()
    if binary is None:
        sys.exit("bubblewrap is needed for the comparison")
    packages = str(Path(grants.packages("numpy")["numpy"].source).parent)
    program = (
        f"import json, sys; sys.path.insert(0, {packages!r}); import numpy as np\n"
        "job = json.load(sys.stdin); space = {}\n"
        "exec(job['source'], space)\n"
        "given = [[np.array(v) if isinstance(v, list) else v for v in args] for args in job['calls']]\n"
        f"print(json.dumps([space[{job.function!r}](*args) for args in given]))"
    )
    python = grants.interpreter().executable.source
    walls = ["--unshare-all", "--die-with-parent", "--ro-bind", "/", "/", "--dev", "/dev", "--"]
    return [binary, *walls, python, "-I", "-S", "-B", "-c", program]


def cold(command: list[str], text: str) -> None:
    done = subprocess.run(
        command, input=text, capture_output=True, text=True, check=True, env={"OPENBLAS_NUM_THREADS": "1"}
    )
    assert len(json.loads(done.stdout)) == CALLS


def p95(values: list[float]) -> float:
    return sorted(values)[int(0.95 * (len(values) - 1))]


def compare(sandbox: Sandbox, job: Job, rounds: int) -> float:
    """Print one job's table and return the ratio of the medians."""
    command = cold_command(job)
    calls = [[v.tolist() if isinstance(v, np.ndarray) else v for v in args] for args in job.calls]
    text = json.dumps({"source": job.source, "calls": calls})
    work: dict[str, Callable[[], None]] = {
        "cold bwrap python": lambda: cold(command, text),
        "warm sandbox": lambda: warm(sandbox, job),
        "in process": lambda: in_process(job),
    }
    times: dict[str, list[float]] = {name: [] for name in work}
    for turn in range(rounds + 2):
        for name, do in work.items():
            took = timed(do)
            if turn >= 2:
                times[name].append(took)
    ratio = statistics.median(times["cold bwrap python"]) / statistics.median(times["warm sandbox"])
    print(f"{job.function}, {CALLS} calls, {rounds} rounds")
    for name, taken in times.items():
        print(f"  {name:20s} median {statistics.median(taken):8.2f} ms   p95 {p95(taken):8.2f} ms")
    tail = p95(times["cold bwrap python"]) / p95(times["warm sandbox"])
    print(f"  warm is {ratio:.1f} times faster at the median, {tail:.1f} at p95")
    return ratio


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 40
    with Sandbox() as sandbox:
        ratios = {job.function: compare(sandbox, job, rounds) for job in jobs()}
    met = ratios["nms"] >= TARGET_RATIO
    print(f"target: nms at least {TARGET_RATIO:g} times faster: {'met' if met else 'MISSED'}")
    sys.exit(0 if met else 1)


if __name__ == "__main__":
    main()
