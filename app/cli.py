"""The `whetstone` command: parses, runs a subcommand of `app.commands`, and exits."""

from __future__ import annotations

import argparse
import importlib
import os
import socket
import sys
from collections.abc import Sequence
from typing import NoReturn

from sqlalchemy.exc import DatabaseError

from app.commands import BROKEN, FAILED
from app.errors import Problem
from app.settings import SettingsError


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Exit with 0 if all is well, 1 if something that was asked about failed, 2 if it could not be done."""
    options = parser().parse_args(arguments)
    try:
        # Imported on demand: `whetstone serve` needs no sandbox module to print its help, `check` no web server.
        module = importlib.import_module(f"app.commands.{options.module}")
        sys.exit(getattr(module, options.function)(options))
    except (SettingsError, Problem) as error:
        print(f"whetstone: {error}{_driver_says(error.__cause__)}", file=sys.stderr)
        sys.exit(BROKEN)
    except DatabaseError as error:
        print(f"whetstone: the database could not do that:{_driver_says(error)}", file=sys.stderr)
        sys.exit(BROKEN)
    except BrokenPipeError:  # whoever read our output left, for instance `| head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(FAILED)
    except OSError as error:  # a folder that is not there, a full disk, a file of somebody else
        print(f"whetstone: {error.filename or 'cannot write'}: {error.strerror or error}", file=sys.stderr)
        sys.exit(BROKEN)
    except KeyboardInterrupt:
        sys.exit(130)


def _driver_says(error: BaseException | None) -> str:
    """What went wrong with the database, in its own words, which may take several lines."""
    return f" {' '.join(str(error.orig).split())}" if isinstance(error, DatabaseError) else ""


def parser() -> argparse.ArgumentParser:
    """Every subcommand and option."""
    root = argparse.ArgumentParser(prog="whetstone", description="Practise for ML and CV interviews.")
    commands = root.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, module: str, about: str, function: str | None = None) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=about, description=about)
        made.set_defaults(module=module, function=function or name.replace("-", "_"))
        return made

    serve = command("serve", "serving", "Serve the app.")
    serve.add_argument("--host", help="address to listen on (WHETSTONE_HOST, 127.0.0.1)")
    serve.add_argument("--port", help="port to listen on (PORT, 8000)")
    serve.add_argument("--workers", type=int, default=1, help="web processes; it takes 1")
    worker = command("worker", "working", "Grade submissions for the servers on a PostgreSQL.")
    worker.add_argument("--name", default=socket.gethostname(), help="what its log calls it (this machine's name)")
    worker.add_argument("--libs", help="what it grades, for instance numpy,torch (whatever is installed)")
    worker.add_argument("--metrics", metavar="[HOST:]PORT", help="where Prometheus may ask it (nowhere)")
    worker.add_argument("--concurrency", type=int, default=0, help="so many at a time (the number of processors)")
    doctor = command("doctor", "doctoring", "Say how database, queue, disk, clock and sandbox are, and what to mend.")
    _json(doctor)

    check = command("check", "checking", "Check questions: schema, references, wrong solutions, oracles, translations.")
    check.add_argument("paths", nargs="*", metavar="PATH", help="files or folders; the whole bank without any")
    check.add_argument("--fresh", action="store_true", help="check again what passed before unchanged")
    check.add_argument("--mutants", action="store_true", help="only try the mutants of coding questions")
    _json(check)
    _json(command("questions", "bank", "List the bank, a row a question."))
    show = command("show", "bank", "Show a question as a learner sees it.")
    show.add_argument("id", metavar="ID")
    show.add_argument("--lang", choices=("en", "zh"), default="en")
    show.add_argument("--seed", type=int, default=0)
    show.add_argument("--answer", action="store_true", help="with its answer")
    _json(show)
    grade = command("grade", "bank", "Grade submissions to a coding question, in order.")
    grade.add_argument("id", metavar="ID")
    grade.add_argument("files", nargs="+", metavar="FILE")
    grade.add_argument("--lang", choices=("en", "zh"), default="en")
    grade.add_argument("--seed", type=int, default=0, help="what the cases are drawn by; a results page names its own")
    grade.add_argument("--reveal", action="store_true", help="show the inputs of hidden cases")
    _json(grade)
    command("schema", "bank", "Print the JSON Schema of question files, for editors.")

    bank = command("bank", "bank_sync", "Bring the folder of questions and the database together.")
    sides = bank.add_subparsers(required=True, metavar="ACTION")
    for name, about in (
        ("status", "Say on which questions they differ."),
        ("pull", "Take over what the folder has changed."),
        ("push", "Write to the folder what was published or retired."),
    ):
        action = sides.add_parser(name, help=about, description=about)
        action.add_argument("questions", nargs="*", metavar="QUESTION", help="only these; all without any")
        action.set_defaults(module="bank_sync", function=name)
        _json(action)
        if name != "status":
            action.add_argument("--resolve", choices=("folder", "database"), help="whose text stands in a conflict")

    user = command("user", "people", "Make and change accounts.")
    actions = user.add_subparsers(required=True, metavar="ACTION")
    for name, about in (
        ("add", "Make an account."),
        ("passwd", "Change a password."),
        ("promote", "Change a role."),
        ("disable", "Let somebody in no more; nothing of theirs is deleted."),
        ("enable", "Let somebody in again."),
        ("reset-link", "Make a link by which somebody sets a new password."),
        ("invite", "Make a link by which somebody makes an account."),
        ("list", "List the accounts: name, role, since, last seen, state."),
    ):
        action = actions.add_parser(name, help=about, description=about)
        action.set_defaults(module="people", function="list_" if name == "list" else name.replace("-", "_"))
        if name not in ("invite", "list"):
            action.add_argument("name", metavar="NAME")
        if name in ("add", "promote", "invite"):
            action.add_argument(
                "--role", choices=("learner", "editor", "admin"), default="admin" if name == "promote" else "learner"
            )
        if name in ("add", "passwd"):
            action.add_argument("--password-stdin", action="store_true", help="read the password from standard input")

    backup = command("backup", "moving", "Write everything this instance holds into one file; the server may go on.")
    backup.add_argument("file", metavar="FILE.tar.gz")
    restore = command("restore", "moving", "Put back what backup wrote, into an instance that is stopped and empty.")
    restore.add_argument("file", metavar="FILE.tar.gz")
    restore.add_argument("--replace", action="store_true", help="in place of what is there, which is kept aside")
    migrate_data = command("migrate-data", "moving", "Move every row to another database; stop the server first.")
    for name, dest, about in (("--from", "source", "what has the rows"), ("--to", "target", "an empty one")):
        migrate_data.add_argument(name, dest=dest, required=True, metavar="URL", help=about)

    export_anki = command("export-anki", "decks", "Write the bank as an Anki deck.")
    export_anki.add_argument("file", metavar="FILE.apkg")
    export_anki.add_argument("--lang", choices=("en", "zh"), default="en")
    export_anki.add_argument("--topic", action="append", default=[], help="only this topic (may be repeated)")
    import_anki = command(
        "import-anki", "decks", "Turn an Anki deck into draft flashcards, as YAML on standard output."
    )
    import_anki.add_argument("file", metavar="FILE.apkg")
    import_anki.add_argument("--topic", required=True, help="the topic that the drafts belong to")
    export_data = command("export-data", "decks", "Write one learner's settings, cards, reviews and drafts as JSON.")
    export_data.add_argument("file", metavar="FILE.json")
    export_data.add_argument("--user", default="local")
    import_data = command("import-data", "decks", "Take over what export-data wrote, for a learner without reviews.")
    import_data.add_argument("file", metavar="FILE.json")
    import_data.add_argument("--user", default="local")
    return root


def _json(made: argparse.ArgumentParser) -> None:
    made.add_argument("--json", action="store_true", help="as JSON, for programs")


if __name__ == "__main__":
    raise SystemExit(main())
