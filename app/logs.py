"""What the process says of itself: a line an event, as JSON for machines or as text for who watches a terminal.

All of it goes to standard error, whoever says it (structlog here, logging in libraries); standard output is for what a
command answers. `request_id` and `account` of the request under way are added to every line by themselves.
"""

from __future__ import annotations

import logging
import sys
import threading
from contextlib import suppress
from typing import Literal

import structlog

LogStyle = Literal["auto", "json", "text"]
_TOLD = "_whetstone_told"
_writing = threading.Lock()


def configure(style: LogStyle = "auto") -> None:
    """Take over logging in this process. `auto`: text where standard error is a terminal, else JSON."""
    if style == "auto":
        style = "text" if sys.stderr.isatty() else "json"
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso"),
    ]
    # Tracebacks without local variables: they hold passwords, cookies, people's answers.
    last: list[structlog.typing.Processor] = (
        [structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)]
        if style == "text"
        else [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    )
    structlog.configure(
        processors=[*shared, *last],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=_Output,
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last], foreign_pre_chain=shared
    )
    root = logging.getLogger()
    for handler in [it for it in root.handlers if isinstance(it, _Foreign)]:
        root.removeHandler(handler)
    root.addHandler(_Foreign(formatter))


def told(error: BaseException) -> None:
    """Note that the log has this exception: the server, to which it is passed on, need not say it again."""
    setattr(error, _TOLD, True)


class _Output:
    """Where lines go. One that can't be written (a full disk, a closed pipe) is lost, and nothing else."""

    def __init__(self, *_names: object) -> None:
        """structlog hands over the name that a logger asked for."""

    def msg(self, line: str) -> None:
        with suppress(OSError, ValueError), _writing:  # ValueError: the stream is closed
            sys.stderr.write(f"{line}\n")
            sys.stderr.flush()

    debug = info = warning = error = critical = exception = msg


class _Foreign(logging.Handler):
    """Lines of libraries."""

    def __init__(self, formatter: logging.Formatter) -> None:
        super().__init__()
        self.setFormatter(formatter)
        self.addFilter(lambda record: not (record.exc_info and hasattr(record.exc_info[1], _TOLD)))

    def emit(self, record: logging.LogRecord) -> None:
        try:
            line = self.format(record)
        except Exception:  # a library's slip in its arguments is not worth a failure of ours
            line = f"a line of {record.name} could not be written"
        _Output().msg(line)
