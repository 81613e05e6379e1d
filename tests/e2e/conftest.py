"""The stage of the browser journeys: Chromium, a server for each test or file, and tabs whose faults fail the test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from install_browser import chromium
from playwright.sync_api import Browser, expect, sync_playwright
from visitor import REPORT_VIOLATIONS, Visitor, faults
from whetstone_server import Server

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
LOCALES = {"en": "en-GB", "zh": "zh-CN"}
PATIENCE_MS = 15_000
OpenTab = Callable[..., Visitor]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.e2e)


@pytest.fixture(scope="module")
def chrome() -> Iterator[Browser]:
    """One Chromium a file: Playwright's loop must not outlive the browser tests in a process that runs others too."""
    path = chromium()
    assert path, "no Chromium here; tests/install_browser.py installs one"
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield launched
        launched.close()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A server of the test's own, with nothing in its data folder."""
    made = Server(tmp_path)
    made.start()
    yield made
    made.stop()


@pytest.fixture(scope="module")
def shared_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for a file whose tests only look, or start sessions that nobody goes on with."""
    made = Server(tmp_path_factory.mktemp("shared"))
    made.start()
    yield made
    made.stop()


@pytest.fixture
def tabs(chrome: Browser) -> Iterator[Callable[..., Visitor]]:
    """Opens tabs, each in a browser profile of its own; at the end none may have reported a fault."""
    opened: list[Visitor] = []
    contexts = []

    def tab(server: Server, lang: str = "en", beside: Visitor | None = None, **options: Any) -> Visitor:
        if beside is None:
            options = {"locale": LOCALES[lang], "timezone_id": "Europe/London", "reduced_motion": "reduce"} | options
            context = chrome.new_context(**options)
            context.set_default_timeout(PATIENCE_MS)
            context.add_init_script(REPORT_VIOLATIONS)
            contexts.append(context)
        else:
            context = beside.page.context
        visitor = Visitor(context, server)
        opened.append(visitor)
        return visitor

    yield tab
    for context in contexts:
        context.close()
    assert faults(opened) == []
