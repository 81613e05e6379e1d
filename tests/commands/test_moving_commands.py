"""`whetstone backup`, `restore` and `migrate-data` as people and cron run them."""

from __future__ import annotations

import resource
import shutil
import sqlite3
import urllib.request
from functools import partial
from pathlib import Path

import pytest
from test_command import WHETSTONE, run
from whetstone_server import Server

from app.settings import ROOT


@pytest.fixture
def bank(tmp_path: Path) -> str:
    shutil.copytree(ROOT / "questions", tmp_path / "questions")
    return str(tmp_path / "questions")
