"""The `whetstone` command, run as people and programs run it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from databases import environment

from app.settings import ROOT

WHETSTONE = Path(sys.executable).parent / "whetstone"


def run(tmp_path: Path, *arguments: str, stdin: str = "", **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [WHETSTONE, *arguments],
        cwd=tmp_path,
        env=os.environ
        | {"WHETSTONE_DATA_DIR": str(tmp_path / "data"), "PYTHONPATH": str(ROOT)}
        | environment(tmp_path)
        | env,
        input=stdin,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_questions_lists_the_bank(tmp_path: Path) -> None:
    rows = json.loads(run(tmp_path, "questions", "--json").stdout)
    assert {"id", "topic", "kind", "difficulty", "minutes", "languages", "status"} <= set(rows[0])
    assert {"iou", "iou-matrix", "nms", "soft-nms", "conv2d", "gaussian-2d-kernel"} <= {row["id"] for row in rows}


def test_show_keeps_the_answer_back_until_asked(tmp_path: Path) -> None:
    shown = json.loads(run(tmp_path, "show", "nms", "--lang", "zh", "--json").stdout)
    assert "answer" not in shown
    answered = json.loads(run(tmp_path, "show", "nms", "--json", "--answer").stdout)
    assert "def nms" in answered["answer"]["reference"]


def test_grade_prints_one_json_line_a_file_and_exits_by_the_verdicts(tmp_path: Path) -> None:
    reference = json.loads(run(tmp_path, "show", "iou", "--json", "--answer").stdout)["answer"]["reference"]
    (tmp_path / "right.py").write_text(reference)
    (tmp_path / "wrong.py").write_text("def iou(a, b):\n    return 0.5\n")
    (tmp_path / "broken.py").write_text("def iou(a, b:\n")
    alone = run(tmp_path, "grade", "iou", "right.py", "--json")
    assert alone.returncode == 0
    mixed = run(tmp_path, "grade", "iou", "right.py", "wrong.py", "broken.py", "--json")
    lines = [json.loads(line) for line in mixed.stdout.splitlines()]
    assert [line["verdict"] for line in lines] == ["accepted", "wrong_answer", "compile_error"]
    assert [line["file"] for line in lines] == ["right.py", "wrong.py", "broken.py"]
    assert {"question", "file", "verdict", "score", "wall_ms", "cases"} <= set(lines[0])
    case = lines[0]["cases"][0]
    assert {"name", "verdict", "wall_ms", "cpu_ms", "peak_mib", "message", "stdout", "hidden"} <= set(case)
    assert mixed.returncode == 1


def test_grade_shows_hidden_inputs_only_when_asked_and_repeats_a_seed(tmp_path: Path) -> None:
    (tmp_path / "wrong.py").write_text("def iou(a, b):\n    return -1.0\n")

    def hidden(*options: str) -> list[str | None]:
        line = json.loads(run(tmp_path, "grade", "iou", "wrong.py", "--json", *options).stdout)
        return [case["args"] for case in line["cases"] if case["hidden"]]

    assert set(hidden("--seed", "7")) == {None}
    revealed = hidden("--seed", "7", "--reveal")
    assert all(revealed)
    assert hidden("--seed", "7", "--reveal") == revealed != hidden("--seed", "8", "--reveal")
    text = run(tmp_path, "grade", "iou", "wrong.py").stdout
    assert "        + -1" in text
    assert text.count("+ -1") == 1, "of the first visible case"
    assert run(tmp_path, "grade", "iou", "wrong.py", "--reveal").stdout.count("+ -1") == 2


@pytest.mark.parametrize(
    "arguments",
    [
        ("grade", "iou", "nowhere.py"),
        ("grade", "no-such-question", "x.py"),
        ("show", "no-such-question"),
        ("user", "promote", "nobody"),
        ("import-data", "nowhere.json"),
        ("serve", "--port", "0"),
        ("serve", "--workers", "3"),
        ("export-data", "no-such-folder/data.json"),
        ("export-anki", "no-such-folder/deck.apkg"),
        ("user", "add", "ada"),
    ],
)
def test_what_cannot_be_done_is_one_line_and_exit_2(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    done = run(tmp_path, *arguments)
    assert done.returncode == 2
    assert done.stderr.startswith("whetstone: ")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("url", ["sqlite:////no-such-folder/file.sqlite3", "sqlite:///{tmp_path}/text", "sqlite://"])
def test_database_that_cannot_be_used_is_one_line_and_exit_2(tmp_path: Path, url: str) -> None:
    (tmp_path / "text").write_text("This is no database, however long one reads it.\n" * 100)
    done = run(tmp_path, "user", "promote", "ada", WHETSTONE_DATABASE_URL=url.format(tmp_path=tmp_path))
    assert done.returncode == 2
    assert done.stderr.startswith("whetstone: ")
    assert done.stderr.count("\n") == 1


def test_grade_without_a_sandbox_says_so_and_exits_2(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("def iou(a, b):\n    return 0.5\n")
    script = (
        "import app.commands.bank as bank, app.cli\n"
        "def no_walls(**_): raise bank.SandboxError('no user namespaces')\n"
        "bank.Sandbox = no_walls\n"
        "app.cli.main(['grade', 'iou', 'a.py'])\n"
    )
    env = os.environ | {"WHETSTONE_DATA_DIR": str(tmp_path / "data")}
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert done.stderr == "whetstone: code can't be graded here: no user namespaces\n"


def test_address_of_a_network_needs_an_admin_first(tmp_path: Path) -> None:
    refused = run(tmp_path, "serve", WHETSTONE_HOST="0.0.0.0", PORT="0")
    assert refused.returncode == 2
    refused = run(tmp_path, "serve", "--host", "0.0.0.0", "--port", "18099")
    assert refused.returncode == 2
    assert "whetstone user add" in refused.stderr


def test_accounts_are_made_and_changed(tmp_path: Path) -> None:
    assert run(tmp_path, "user", "add", "ada", "--password-stdin", stdin="correct horse\n").returncode == 0
    again = run(tmp_path, "user", "add", "ADA", "--password-stdin", stdin="correct horse\n")
    assert again.returncode == 2
    assert "taken" in again.stderr
    assert run(tmp_path, "user", "add", "bob", "--password-stdin", stdin="short\n").returncode == 2
    assert run(tmp_path, "user", "passwd", "ada", "--password-stdin", stdin="battery staple\n").returncode == 0
    assert run(tmp_path, "user", "promote", "ada").returncode == 0


def test_doctor_says_that_the_required_walls_stand(tmp_path: Path) -> None:
    done = run(tmp_path, "doctor", "--json")
    walls = json.loads(done.stdout)
    assert all(wall["standing"] for wall in walls if wall["required"])
    assert done.returncode == 0


def test_schema_completes_question_files(tmp_path: Path) -> None:
    schema = json.loads(run(tmp_path, "schema").stdout)
    assert schema["properties"]["questions"]


def test_anki_deck_is_written_and_read_back_as_drafts(tmp_path: Path) -> None:
    written = run(tmp_path, "export-anki", "deck.apkg", "--topic", "iou")
    assert written.returncode == 0
    assert (tmp_path / "deck.apkg").stat().st_size > 1000
    read = run(tmp_path, "import-anki", "deck.apkg", "--topic", "iou")
    assert "status: draft" in read.stdout or read.returncode == 1


def test_check_tries_the_mutants_of_one_file_alone_and_prints_a_line_a_question_and_the_sum(tmp_path: Path) -> None:
    done = run(tmp_path, "check", "--mutants", str(ROOT / "questions" / "detection" / "iou.yaml"))
    assert done.returncode == 0, done.stdout
    first, second, third, total, *_ = done.stdout.splitlines()
    counts = [
        re.match(rf"{name}: (\d+) mutants, (\d+) killed ", line)
        for name, line in (("iou", first), ("iou-matrix", second), ("giou", third))
    ]
    tried, killed = (sum(int(count[part]) for count in counts if count) for part in (1, 2))
    assert tried > 50
    assert total.startswith(f"{tried} mutants: {killed} killed")


def test_check_names_file_line_and_column(tmp_path: Path) -> None:
    bank = tmp_path / "questions" / "detection"
    bank.mkdir(parents=True)
    for name in ("topics.yaml", "errata.yaml"):
        (tmp_path / "questions" / name).write_bytes((ROOT / "questions" / name).read_bytes())
    (bank / "iou.yaml").write_text(
        "topic: iou\nquestions:\n- id: broken\n  kind: flashcard\n  difficulty: 9\n  minutes: 1\n"
        "  prompt: {en: Why?}\n  answer: {en: So., zh: 如此。}\n  sources: [A book]\n"
    )
    done = run(tmp_path, "check", WHETSTONE_QUESTIONS_DIR=str(tmp_path / "questions"))
    assert done.returncode == 1
    assert "questions/detection/iou.yaml:5:" in done.stdout
    assert "questions/detection/iou.yaml:7:" in done.stdout
    assert "add the Chinese text" in done.stdout


def test_show_writes_fractions_and_powers_on_one_line(tmp_path: Path) -> None:
    shown = run(tmp_path, "show", "giou").stdout
    assert "GIoU=IoU−(|C|−|A∪B|)/(|C|)" in shown
    assert "10^5 in magnitude" in shown
