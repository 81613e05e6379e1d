"""What a page makes the browser fetch: JavaScript, style and fonts, compressed as a server would send them.

Peer: htmx alone, the least that a page of this kind carries.
"""

from __future__ import annotations

import gzip
import json
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DIST = ROOT / "static" / "dist"


def kib(path: Path) -> float:
    """Gzipped size in KiB."""
    return len(gzip.compress(path.read_bytes(), 9)) / 1024


def main() -> None:
    """Print the table."""
    manifest = json.loads((DIST / "manifest.json").read_text())
    app, code = kib(DIST / manifest["app.js"]), kib(DIST / manifest["code.js"])
    htmx = kib(ROOT / "node_modules" / "htmx.org" / "dist" / "htmx.min.js")
    print(f"htmx alone                    {htmx:6.1f} KiB   1.0 x")
    print(f"JavaScript, any page          {app:6.1f} KiB {app / htmx:5.1f} x   (target 30 KiB)")
    print(f"JavaScript, the code page     {app + code:6.1f} KiB {(app + code) / htmx:5.1f} x   (target 220 KiB)")
    print(f"style                         {kib(DIST / manifest['app.css']):6.1f} KiB")


if __name__ == "__main__":
    main()
