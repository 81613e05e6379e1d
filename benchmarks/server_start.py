"""From launch to the first page with the whole bank, with a cold and a warm cache, and the web process's memory.

Peer: the same Python starting and importing the web framework alone.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.server import serving

ROUNDS = 5


def main() -> None:
    """Print the table."""
    bare, warm, rss = [], [], []
    with tempfile.TemporaryDirectory() as folder:
        with serving(Path(folder)) as server:
            cold = server.started_s
        for _ in range(ROUNDS):
            began = time.perf_counter()
            subprocess.run([sys.executable, "-c", "import fastapi, uvicorn, sqlalchemy"], check=True)
            bare.append(time.perf_counter() - began)
            with serving(Path(folder)) as server:
                warm.append(server.started_s)
                time.sleep(2)  # until the sandbox stands
                rss.append(server.rss_mib())
                torch_there = "libtorch" in server.maps()
    floor = statistics.median(bare)
    print(f"import of the framework alone   {floor:6.2f} s   1.0 x")
    print(f"first page, first start ever    {cold:6.2f} s {cold / floor:5.1f} x")
    usual = statistics.median(warm)
    print(f"first page, warm cache          {usual:6.2f} s {usual / floor:5.1f} x   (target 1.5 s)")
    print(f"web process                     {statistics.median(rss):6.0f} MiB         (target 150 MiB)")
    print(f"torch in the web process        {'yes' if torch_there else 'no'}")


if __name__ == "__main__":
    main()
