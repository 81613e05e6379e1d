"""People with accounts in browser journeys: made by the command line, signed in by the form."""

from __future__ import annotations

import os
import subprocess
import sys

from databases import environment
from visitor import Visitor
from whetstone_server import Server

from app.settings import ROOT

PASSWORD = "correct horse battery"


def make_account(server: Server, name: str, role: str) -> None:
    command = [sys.executable, "-c", "from app.cli import main; main()"]
    made = subprocess.run(
        [*command, "user", "add", name, "--role", role, "--password-stdin"],
        cwd=ROOT,
        env=os.environ | {"WHETSTONE_DATA_DIR": str(server.data_dir)} | environment(server.data_dir),
        input=f"{PASSWORD}\n",
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 0, made.stderr


def sign_in(visitor: Visitor, name: str) -> None:
    visitor.open("/login")
    visitor.page.get_by_label("Name").fill(name)
    visitor.page.get_by_label("Password").fill(PASSWORD)
    visitor.press("Enter")
    visitor.page.wait_for_url(visitor.server.origin + "/")
