"""Chinese pages are readable here: without a font they would be empty boxes while every assertion on text passes."""

from __future__ import annotations

import subprocess


def test_chinese_font_is_installed() -> None:
    found = subprocess.run(["fc-list", ":lang=zh", "family"], capture_output=True, text=True, check=True)
    assert found.stdout.strip(), "no Chinese font; tests/install_browser.py installs one"
