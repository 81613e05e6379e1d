"""Verdict latency: an nms job of ten calls on the warm sandbox, against a cold `bwrap python` doing the same, in one interleaved run.

Prints medians, 95th percentiles and their ratios; exits 1 when the median ratio is below 5. Usage: python benchmarks/verdict_latency.py [ROUNDS]
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time

import numpy as np

from app.sandbox import Ending, Job, Sandbox, grants, launch

TARGET_RATIO = 5.0
CALLS = 10
BOXES = 40

SOURCE = """
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
    return np.array(keep)
"""


def calls() -> list[tuple[object, ...]]:
    rng = np.random.default_rng(0)
    drawn: list[tuple[object, ...]] = []
    for _ in range(CALLS):
        corner = rng.uniform(0, 80, (BOXES, 2))
        boxes = np.concatenate([corner, corner + rng.uniform(5, 30, (BOXES, 2))], axis=1)
        drawn.append((boxes, rng.uniform(0, 1, BOXES), 0.5))
    return drawn


def warm(sandbox: Sandbox, job: Job) -> float:
    started = time.perf_counter()
    run = sandbox.run(job)
    took = time.perf_counter() - started
    assert [call.ending for call in run.calls] == [Ending.RETURNED] * CALLS
    return took


def cold_command() -> list[str]:
    binary = launch.bubblewrap_binary()
    if binary is None:
        sys.exit("bubblewrap is needed for the comparison")
    python = grants.interpreter().executable.source
    packages = grants.packages("numpy")["numpy"].source.rsplit("/", 1)[0]
    program = (
        f"import sys; sys.path.insert(0, {packages!r}); import json, numpy as np; job = json.load(sys.stdin); space = {{}}; "
        "exec(job['source'], space); print(json.dumps([space['nms'](np.array(b), np.array(s), t).tolist() "
        "for b, s, t in job['calls']]))"
    )
    return [
        binary, "--unshare-all", "--die-with-parent", "--ro-bind", "/", "/", "--dev", "/dev", "--",
        python, "-I", "-S", "-B", "-c", program,
    ]  # fmt: skip


def cold(command: list[str], text: str) -> float:
    started = time.perf_counter()
    done = subprocess.run(
        command, input=text, capture_output=True, text=True, check=True, env={"OPENBLAS_NUM_THREADS": "1"}
    )
    took = time.perf_counter() - started
    assert len(json.loads(done.stdout)) == CALLS
    return took


def p95(values: list[float]) -> float:
    return sorted(values)[int(0.95 * (len(values) - 1))]


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 40
    drawn = calls()
    job = Job(SOURCE, "nms", drawn)
    text = json.dumps({"source": SOURCE, "calls": [[b.tolist(), s.tolist(), t] for b, s, t in drawn]})  # type: ignore[attr-defined]  # arrays, from `calls`
    command = cold_command()
    warm_s: list[float] = []
    cold_s: list[float] = []
    with Sandbox() as sandbox:
        warm(sandbox, job)
        cold(command, text)
        for _ in range(rounds):
            cold_s.append(cold(command, text))
            warm_s.append(warm(sandbox, job))
    ratio = statistics.median(cold_s) / statistics.median(warm_s)
    print(f"nms, {CALLS} calls, {rounds} rounds   median ms      p95 ms")
    print(f"warm sandbox                   {1e3 * statistics.median(warm_s):9.2f}   {1e3 * p95(warm_s):9.2f}")
    print(f"cold bwrap python              {1e3 * statistics.median(cold_s):9.2f}   {1e3 * p95(cold_s):9.2f}")
    print(f"ratio                          {ratio:9.1f}   {p95(cold_s) / p95(warm_s):9.1f}   (target {TARGET_RATIO:g})")
    if ratio < TARGET_RATIO:
        sys.exit(1)


if __name__ == "__main__":
    main()
