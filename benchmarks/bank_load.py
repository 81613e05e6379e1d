"""The whole bank from its cache, in a fresh process each time: seconds, and MiB that it adds.

Peer: plain `json.loads` of the same cache in the same process, which makes no questions of it.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from app.bank.loader import load_bank

QUESTIONS = Path("questions")
ROUNDS = 7
TARGET_S = 0.15
TARGET_MIB = 40

_ONE = """
import json, sys, time
from pathlib import Path
from app.bank.loader import load_bank

def rss_mib():
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmRSS:"))
    return int(line.split()[1]) / 1024

questions, cache = Path(sys.argv[1]), Path(sys.argv[2])
raw = (cache / "bank.json").read_bytes()
before = rss_mib()
began = time.perf_counter()
bank, findings = load_bank(questions, cache)
loaded = time.perf_counter()
added = rss_mib() - before
parsing = time.perf_counter()
json.loads(raw)
print(json.dumps([len(bank.questions), loaded - began, added, time.perf_counter() - parsing]))
"""


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as folder:
        cache = Path(folder)
        load_bank(QUESTIONS, cache)  # fills it
        command = [sys.executable, "-c", _ONE, str(QUESTIONS), str(cache)]
        rounds = [json.loads(subprocess.run(command, check=True, capture_output=True).stdout) for _ in range(ROUNDS)]
    questions, seconds, mib, floor = (statistics.median(column) for column in zip(*rounds, strict=True))
    print(f"plain json.loads of the cache   {floor * 1000:6.0f} ms    1.0 x")
    print(
        f"bank of {questions:.0f} questions          {seconds * 1000:6.0f} ms {seconds / floor:6.1f} x"
        f"   (target {TARGET_S * 1000:.0f} ms)"
    )
    print(f"memory that it adds             {mib:6.1f} MiB         (target {TARGET_MIB} MiB)")


if __name__ == "__main__":
    main()
