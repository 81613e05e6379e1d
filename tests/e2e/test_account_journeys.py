"""From an invitation to the end of an account, in two people's browsers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Callable

from playwright.sync_api import expect
from visitor import Visitor
from whetstone_server import Server

from app.settings import ROOT

OpenTab = Callable[..., Visitor]
PASSWORD = "correct horse battery"


def make_admin(server: Server) -> None:
    command = [sys.executable, "-c", "from app.cli import main; main()"]
    made = subprocess.run(
        [*command, "user", "add", "ada", "--role", "admin", "--password-stdin"],
        cwd=ROOT,
        env=os.environ | {"WHETSTONE_DATA_DIR": str(server.data_dir)},
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


def test_from_an_invitation_to_the_end_of_an_account(server: Server, tabs: OpenTab) -> None:
    make_admin(server)
    ada = tabs(server)
    sign_in(ada, "ada")
    ada.open("/admin/people")
    ada.page.get_by_label("Whoever has an invitation").check()
    ada.page.get_by_role("button", name="Save").click()
    ada.page.get_by_label("Role", exact=True).select_option("editor")
    ada.page.get_by_role("button", name="Make an invitation").click()
    link = ada.page.locator("#fresh-link").input_value()

    bob = tabs(server)
    bob.page.goto(link)
    bob.page.get_by_label("Name").fill("bob")
    bob.page.get_by_label("Password").fill(PASSWORD)
    bob.press("Enter")
    bob.page.wait_for_url(server.origin + "/")
    bob.open("/settings")
    bob.page.get_by_role("link", name="Account:").click()

    bob.page.get_by_label("What it is for").fill("notebook")
    bob.press("Enter")
    token = bob.page.locator("#fresh-token").input_value()
    request = urllib.request.Request(f"{server.origin}/api/questions", headers={"Authorization": f"Bearer {token}"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        assert json.load(answer)

    elsewhere = tabs(server)
    sign_in(elsewhere, "bob")
    bob.open("/account")
    expect(bob.page.locator("#fresh-token")).to_have_count(0)
    expect(bob.page.get_by_text("this browser")).to_have_count(1)
    bob.page.get_by_role("button", name="Sign out", exact=True).click()
    expect(bob.page.get_by_text("That browser is signed out.")).to_be_visible()
    elsewhere.open("/browse")
    expect(elsewhere.page.get_by_role("heading", name="Sign in")).to_be_visible()

    bob.page.get_by_role("link", name="Delete this account").click()
    with bob.page.expect_download() as download:
        bob.page.get_by_role("link", name="Download everything first").click()
    assert json.loads(download.value.path().read_text())["version"] == 1
    bob.page.get_by_label("Your password").fill(PASSWORD)
    bob.page.get_by_role("button", name="Delete it for good").click()
    expect(bob.page.get_by_role("heading", name="Sign in")).to_be_visible()

    ada.open("/admin/people")
    expect(ada.page.get_by_role("link", name="bob")).to_have_count(0)
    ada.open("/admin/audit")
    for action in ("site.signup", "invitation.make", "account.signup", "account.delete"):
        expect(ada.page.locator(".people-log code", has_text=action)).to_be_visible()
