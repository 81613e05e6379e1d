"""Lines of the log: one shape whoever writes them, and no failure of ours when they can't be written."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from app import logs


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    yield
    structlog.contextvars.clear_contextvars()
    logs.configure()


def test_what_we_and_libraries_say_is_a_line_of_json_each(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("json")
    with structlog.contextvars.bound_contextvars(request_id="r-1"):
        structlog.get_logger().warning("ours", question="iou")
        logging.getLogger("somebody.else").warning("theirs: %s", "a\nb")
    out, err = capsys.readouterr()
    assert out == ""
    ours, theirs = map(json.loads, err.splitlines())
    assert (ours["event"], ours["question"], ours["level"]) == ("ours", "iou", "warning")
    assert (theirs["event"], theirs["level"]) == ("theirs: a\nb", "warning")
    assert ours["request_id"] == theirs["request_id"] == "r-1"
    assert ours["timestamp"].endswith("Z")


def test_traceback_is_in_the_line_without_the_values_of_variables(capsys: pytest.CaptureFixture[str]) -> None:
    def fail(password: str) -> None:
        raise RuntimeError("broken on purpose")

    for style in ("json", "text"):
        logs.configure(style)  # type: ignore[arg-type]  # both are styles
        try:
            fail("hunter" + str(len("12")))
        except RuntimeError:
            structlog.get_logger().exception("failed")
            logging.getLogger("somebody.else").exception("failed too")
        said = capsys.readouterr().err
        assert said.count("RuntimeError: broken on purpose") == 2
        assert "in fail" in said
        assert "hunter2" not in said
    assert said.startswith("2")


def test_text_keeps_a_strange_value_on_its_line(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("text")
    structlog.get_logger().warning("odd", path="/a\n2026 [error] forged \x1b[31m")
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_what_the_log_has_already_is_not_said_again_by_a_library(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("json")
    known, news = RuntimeError("known"), RuntimeError("news")
    logs.told(known)
    for error in (known, news):
        logging.getLogger("uvicorn.error").error("Exception in ASGI application", exc_info=error)
    said = capsys.readouterr().err
    assert "known" not in said
    assert "news" in said


def test_line_that_cannot_be_written_is_lost_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    class Full:
        def write(self, _text: str) -> int:
            raise OSError(28, "No space left on device")

        def isatty(self) -> bool:
            return False

    logs.configure("json")
    monkeypatch.setattr("sys.stderr", Full())
    structlog.get_logger().warning("into the void")
    logging.getLogger("somebody.else").warning("into the void")


def test_library_s_slip_in_its_arguments_is_no_failure_of_ours(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("json")
    (ours,) = (it for it in logging.getLogger().handlers if type(it).__module__ == "app.logs")
    ours.handle(logging.LogRecord("somebody.else", logging.WARNING, __file__, 1, "%d", ("not a number",), None))
    assert "somebody.else" in capsys.readouterr().err


def test_configuring_again_says_nothing_twice(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("json")
    logs.configure("json")
    logging.getLogger("somebody.else").warning("once")
    assert capsys.readouterr().err.count("once") == 1
