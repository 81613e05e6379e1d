"""Make sure that a Chromium and a Chinese font are there for the browser tests; `make browser` runs this.

A Chromium already installed is used; else Debian's package when we are root; else Playwright's own download; else a
clear message and exit 1.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def chromium() -> str | None:
    """The path of a Chromium that Playwright can drive."""
    for name in BROWSERS:
        if path := shutil.which(name):
            return path
    found = sorted((Path.home() / ".cache" / "ms-playwright").glob("chromium-*/chrome-linux*/chrome"))
    return str(found[-1]) if found else None


def has_chinese_font() -> bool:
    """Without one, Chinese pages are empty boxes while every assertion on text still passes."""
    if not shutil.which("fc-list"):
        return False
    return bool(subprocess.run(["fc-list", ":lang=zh"], capture_output=True, check=False).stdout.strip())


def main() -> int:
    if (not chromium() or not has_chinese_font()) and os.geteuid() == 0 and shutil.which("apt-get"):
        env = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(["apt-get", "update", "-qq"], env=env, check=False)
        packages = ["chromium", "fonts-noto-cjk", "fontconfig"]
        subprocess.run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages], env=env, check=False)
    if not chromium():
        subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False)
    problems = []
    if not chromium():
        problems.append("no Chromium: install one (Debian: apt-get install chromium), then run this again")
    if not has_chinese_font():
        problems.append(
            "no Chinese font: install one (Debian: apt-get install fonts-noto-cjk fontconfig), then run this again"
        )
    for problem in problems:
        print(f"The browser tests need more: {problem}", file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
