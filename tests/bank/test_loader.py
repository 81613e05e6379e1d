"""Reading the bank's folder: every fault with its place and its mend, and everything sound all the same."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from app.bank.findings import Finding
from app.bank.loader import load_bank, load_file
from app.languages import NOTHING, as_is

EVERY_KIND = (Path(__file__).parent / "every-kind.yaml").read_text(encoding="utf-8")
PLANTED = """\
topic: pooling
questions:
- id: Bad_Id
  kind: flashcard
  difficulti: 2
  difficulty: 9
  minutes: 1
  prompt: {en: "a"}
  covers: [f1, f9, nowhere/f1, x]
  sources: []
  status: publishd
  answer: {en: 0.5, zh: no}
- id: two
  kind: single-choice
  difficulty: 2
  difficulty: 3
  minutes: "1"
  prompt: {en: a, zh: 甲}
  sources: [s]
  errata: [e999]
  options:
  - text: {en: a, zh: 甲}
    correct: true
  - text: {en: b, zh: 乙}
    why: {en: w, zh: }
  explanation: {en: e, zh: 戊}
- id: three
  kind: flashcrad
- id: four
  difficulty: 1
- id: five
  kind: numeric
  difficulty: 1
  minutes: 1
  prompt: {en: a, zh: 甲}
  sources: [s]
  params:
    n: {range: [3, 1]}
    k: {choices: [1, true, {a: 1}]}
    m: {}
  answer: n
  tolerance: {rel: 0.1, abz: 1}
  solution: a text
  oracle: {code: !!python/object:os.system x, lib: numpi}
- id: six
  kind: flashcard
  difficulty: 010
  minutes: 1:30
  prompt: {en: a, zh: 甲}
  sources: [s]
  covers: [f1, f7, conv/f1]
  errata: [e001, e404]
  answer: {en: a, zh: 甲}
- id: seven
  kind: cloze
  difficulty: 1
  minutes: 1
  prompt: {en: "a [[x]]", zh: "甲 [[y]]"}
  sources: [s]
  blanks:
    x: {accept: {en: [a], zh: []}, why: {en: w, zh: 因}}
  explanation: {en: e, zh: 戊}
- id: eight
  kind: flashcard
  difficulty: 1
  minutes: 1
  prompt: {en: a, zh: 甲}
  sources: [s]
  covers: [f1, f7]
  errata: [e404]
  answer: {en: a, zh: 甲}
"""


def lines(findings: list[Finding]) -> list[str]:
    return [f"{it.line}:{it.column}: {it.where}: {it.message}; {it.mend}" for it in findings]


def test_planted_faults_are_all_found_at_once_with_place_and_mend(folder: Path) -> None:
    (folder / "cnn" / "pooling.yaml").write_text(PLANTED, encoding="utf-8")
    bank, findings = load_bank(folder, None)
    found = lines(findings)
    expected = [
        "3:3: question 1 (Bad_Id): 'id' is 'Bad_Id'; write it like 'iou-touching-boxes'",
        "5:3: question 1 (Bad_Id): unknown field 'difficulti'; did you mean",
        "6:3: question 1 (Bad_Id): 'difficulty' is too large; at most 5",
        "8:3: question 1 (Bad_Id): 'prompt.zh' is missing; add the Chinese text",
        "9:32: question 1 (Bad_Id), cover 4: 'covers' is 'x'; write it like 'f2' or 'other-topic/f2'",
        "10:3: question 1 (Bad_Id): 'sources' is too short; at least 1 of them",
        "11:3: question 1 (Bad_Id): 'status' is 'publishd'; did you mean 'published'?",
        "12:12: question 1 (Bad_Id): 'answer.en' is 0.5, not text; write text; in quotes",
        "12:21: question 1 (Bad_Id): 'answer.zh' is false (YAML reads yes, no, on and off so), not text; write text",
        "16:3: : 'difficulty' stands here twice; remove or rename",
        "17:3: question 2 (two): 'minutes' is '1', not a number; write a number, without quotes",
        "22:5: question 2 (two), option 1: 'why' is missing; say why this one is right or wrong",
        "25:18: question 2 (two), option 2: 'why.zh' is empty; add the Chinese text",
        "28:3: question 3 (three): unknown kind 'flashcrad'; did you mean 'flashcard'?",
        "29:3: question 4 (four): 'kind' is missing; add one of: flashcard",
        "38:5: question 5 (five), parameter 'n': the range is empty: 3 > 1; ",
        "39:22: question 5 (five), parameter 'k', choice 2: true (YAML reads yes, no, on and off so) can't be drawn; ",
        "39:28: question 5 (five), parameter 'k', choice 3: a group of fields can't be drawn; a choice is",
        "40:5: question 5 (five), parameter 'm': a parameter has either 'choices' or 'range'; ",
        "42:25: question 5 (five): unknown field 'abz'; did you mean 'abs'?",
        "43:3: question 5 (five): 'solution' is 'a text', not a group of fields; write its fields",
        "44:18: : the tag python/object:os.system; remove it",
        "44:47: question 5 (five): 'oracle.lib' is 'numpi'; did you mean 'numpy'?",
        "47:15: : YAML would read '010' as another number than it looks like; write a plain decimal number",
        "48:12: : YAML would read '1:30' as another number than it looks like; write a plain decimal number",
        "61:27: question 7 (seven), blank 'x': 'accept.zh' is too short; at least 1 of them",
        "69:16: question 8 (eight), cover 2: unknown fact 'f7'; that topic has f1, f2",
        "70:12: question 8 (eight), erratum 1: unknown erratum 'e404'; take one of questions/errata.yaml",
    ]
    for beginning in expected:
        assert any(line.startswith(beginning) for line in found), (beginning, found)
    assert len(found) == len(expected), [line for line in found if not line.startswith(tuple(expected))]
    assert list(bank.questions) == ["eight"]


def test_a_finding_reads_as_one_line() -> None:
    finding = Finding(
        Path("questions/cnn/x.yaml"),
        41,
        9,
        as_is("option 3"),
        as_is("'why.zh' is missing"),
        as_is("add the Chinese text"),
    )
    assert str(finding) == "questions/cnn/x.yaml:41:9: option 3: 'why.zh' is missing; add the Chinese text"
    inside = Finding(Path.cwd() / "questions" / "x.yaml", 1, 1, NOTHING, as_is("a"), as_is("b"))
    assert str(inside) == "questions/x.yaml:1:1: a; b"


@pytest.mark.parametrize(
    ("content", "line", "column", "message", "mend"),
    [
        (b"topic: pooling\nquestions:\n\t- id: x\n", 3, 1, "not YAML", "use spaces, not tabs"),
        (b"topic: pooling\nquestions: [a: b: c]\n", 2, None, "not YAML", "quote"),
        (b"topic: pooling\nquestions:\n- id: \xff\n", 3, 7, "not UTF-8 text", "save the file as UTF-8"),
        (b"topic: pooling\nquestions:\n- id: a\x07b\n", None, 1, "does not allow", "remove it"),
        (b"topic: pooling\nquestions:\n- &a {id: x}\n- *a\n", 4, 3, "an alias (*a)", "write the value out"),
        (b"topic: pooling\nquestions:\n- ? [a]\n  : b\n", 3, 5, "a key that is not plain text", "plain word"),
        (b"topic: pooling\nquestions: !x []\n", 2, 12, "the tag !x", "remove it"),
        (b'topic: pooling\nquestions:\n- id: "\\ud800"\n', None, None, "", ""),
        (b"topic: pooling\nquestions:\n- {minutes: .inf}\n", 3, 13, "'.inf'", "decimal number"),
        (b"topic: pooling\nquestions:\n- {minutes: 1e999}\n", 3, 13, "too large a number", "smaller"),
        (b"", 1, 1, "not a topic file", "start with"),
        (b"- a\n", 1, 1, "not a topic file", "start with"),
        (b"topic: pooling\nquestions: 3\n", 2, 1, "'questions' is no list", "add"),
        (b"questions: []\n", 1, 1, "'topic' is missing", "write 'topic: pooling'"),
        (
            b"topic: pooling\nquestion: []\nquestions: [{}]",
            2,
            1,
            "unknown field 'question'",
            "did you mean 'questions'?",
        ),
        (b"[" * 300 + b"]" * 300, None, None, "nested too deeply", "levels"),
        (b"topic: pooling\n" + b"#" * (2 * 1024 * 1024), 1, 1, "the file has", "split it"),
        (b"a: b\n---\nc: d\n", 2, 1, "not YAML", ""),
    ],
)
def test_files_that_are_not_what_they_should_be(
    folder: Path, content: bytes, line: int | None, column: int | None, message: str, mend: str
) -> None:
    path = folder / "cnn" / "pooling.yaml"
    path.write_bytes(content)
    findings = load_file(path).findings
    hits = [it for it in findings if message in it.message and mend in it.mend]
    assert hits, lines(findings)
    assert line is None or hits[0].line == line
    assert column is None or hits[0].column == column


def test_an_alias_bomb_is_refused_quickly(folder: Path) -> None:
    rows = ["a0: &a0 [x, x]"] + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30)]
    path = folder / "cnn" / "pooling.yaml"
    path.write_text("topic: pooling\n" + "\n".join(rows), encoding="utf-8")
    assert sum("an alias" in it.message for it in load_file(path).findings) == 29 * 9


def test_dates_versions_and_exponents_are_read_as_written(folder: Path) -> None:
    path = folder / "cnn" / "pooling.yaml"
    text = path.read_text(encoding="utf-8").replace("Paper 2015", "2015-12-10")
    path.write_text(text, encoding="utf-8")
    bank, findings = load_bank(folder, None)
    assert findings == []
    assert bank.questions["every-open"].question.sources == ("2015-12-10",)
    code = bank.questions["every-code"].question
    assert code.kind == "code"
    assert code.contract.rtol == 1e-6


def test_windows_line_ends_and_byte_order_mark_are_read(folder: Path) -> None:
    path = folder / "cnn" / "pooling.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    bank, findings = load_bank(folder, None)
    assert findings == []
    assert len(bank.questions) == 9


def test_names_across_files(folder: Path) -> None:
    text = (folder / "cnn" / "pooling.yaml").read_text(encoding="utf-8")
    (folder / "cnn" / "conv.yaml").write_text(
        text.replace("topic: pooling", "topic: conv").replace("f1, conv/f1", "f1"), encoding="utf-8"
    )
    (folder / "cnn" / "poling.yaml").write_text("topic: poling\nquestions: [{}]\n", encoding="utf-8")
    (folder / "other").mkdir()
    (folder / "other" / "pooling.yaml").write_text(text.replace("id: every", "id: moved"), encoding="utf-8")
    (folder / "cnn" / "more.yml").write_text("", encoding="utf-8")
    bank, findings = load_bank(folder, None)
    said = [f"{it.path.name}: {it.message}; {it.mend}" for it in findings]
    assert "poling.yaml: unknown topic 'poling'; did you mean 'pooling'?" in said
    assert "pooling.yaml: 'pooling' belongs to the area 'cnn'; move the file to questions/cnn/" in said
    assert "more.yml: not read: its name ends in .yml; rename it to .yaml" in said
    assert (
        sum(re.search(r"the id 'every-\S+' is taken at conv.yaml:\d+", it.message) is not None for it in findings) == 9
    )
    assert bank.questions["every-open"].topic.id == "conv"


def test_a_topic_that_is_not_the_files_name(folder: Path) -> None:
    path = folder / "cnn" / "conv.yaml"
    path.write_text((folder / "cnn" / "pooling.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    assert lines(load_file(path).findings) == [
        "1:1: : 'topic' is 'pooling' in a file named conv.yaml; write 'topic: conv', or rename the file"
    ]


def test_faults_of_the_topic_map_are_told_and_leave_an_empty_bank(folder: Path) -> None:
    topics = folder / "topics.yaml"
    topics.write_text(topics.read_text(encoding="utf-8").replace("zh: 池化层", "zn: 池化层"), encoding="utf-8")
    bank, findings = load_bank(folder, None)
    assert bank.questions == {}
    assert "14:31: topic 2: unknown field 'zn'; did you mean 'zh'?" in lines(findings)


def test_a_missing_file_is_a_finding(tmp_path: Path) -> None:
    [finding] = load_file(tmp_path / "none.yaml").findings
    assert finding.message == "cannot be read: No such file or directory"


class TestCache:
    def test_the_second_start_reads_no_yaml(
        self, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        first, _ = load_bank(folder, tmp_path / "cache")

        def refuse(raw: bytes) -> None:
            raise AssertionError("parsed again")

        monkeypatch.setattr("app.bank.loader.read", refuse)
        second, findings = load_bank(folder, tmp_path / "cache")
        assert findings == []
        assert second.hash == first.hash
        assert [entry.line for entry in second.questions.values()] == [it.line for it in first.questions.values()]

    def test_a_changed_file_is_read_anew_and_the_old_one_forgotten(self, folder: Path, tmp_path: Path) -> None:
        load_bank(folder, tmp_path / "cache")
        path = folder / "cnn" / "pooling.yaml"
        path.write_text(path.read_text(encoding="utf-8").replace("Order these.", "Sort these."), encoding="utf-8")
        bank, _ = load_bank(folder, tmp_path / "cache")
        assert bank.questions["every-ordering"].question.prompt.en == "Sort these."
        kept = json.loads((tmp_path / "cache" / "bank.json").read_text(encoding="utf-8"))
        assert len(kept["files"]) == 3

    @pytest.mark.parametrize(
        "broken",
        [
            "", "{", "[]", "null", '{"format": 1, "files": {}}', '{"format": 2, "files": []}',
            '{"format": 2, "files": {"KEY": {"topic": "pooling", "questions": [["{}", 1]]}}}',
            '{"format": 2, "files": {"KEY": {"topic": "pooling"}}}',
            '{"format": 2, "files": {"KEY": 3}}',
            '{"format": 2, "files": {"KEY": "{"}}',
        ],
    )  # fmt: skip
    def test_a_corrupt_cache_is_ignored_and_rewritten(self, folder: Path, tmp_path: Path, broken: str) -> None:
        cache = tmp_path / "cache" / "bank.json"
        good, _ = load_bank(folder, tmp_path / "cache")
        sound = json.loads(cache.read_text(encoding="utf-8"))
        for key in sound["files"]:
            cache.write_text(broken.replace("KEY", key), encoding="utf-8")
            bank, findings = load_bank(folder, tmp_path / "cache")
            assert findings == []
            assert bank.hash == good.hash
            assert json.loads(cache.read_text(encoding="utf-8")) == sound

    def test_a_cache_that_cannot_be_written_does_no_harm(self, folder: Path, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("in the way")
        bank, findings = load_bank(folder, tmp_path / "file")
        assert (len(bank.questions), findings) == (9, [])

    def test_files_with_faults_are_not_kept(self, folder: Path, tmp_path: Path) -> None:
        (folder / "cnn" / "pooling.yaml").write_text(PLANTED, encoding="utf-8")
        _, first = load_bank(folder, tmp_path / "cache")
        _, second = load_bank(folder, tmp_path / "cache")
        assert first == second
        assert len(first) > 20


SPLINTERS = [
    "",
    " ",
    "\n",
    ":",
    "- ",
    "{",
    "}",
    "[",
    "]",
    "'",
    '"',
    "\t",
    "null",
    "3",
    "yes",
    "&a ",
    "*a",
    "!x ",
    "|",
    "? ",
]
SPLINTERS += ["\\u0000", "\ud800", "{a: 1}", "kind: numeric", "@{", "$", "0x1F", "2020-01-01", "<<: {}"]


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_no_damage_to_a_file_is_more_than_findings(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    start = data.draw(st.integers(0, len(EVERY_KIND)))
    end = start + data.draw(st.sampled_from([0, 1, 3, 10, 100]))
    damaged = EVERY_KIND[:start] + data.draw(st.sampled_from(SPLINTERS)) + EVERY_KIND[end:]
    path = tmp_path_factory.mktemp("damaged") / "pooling.yaml"
    path.write_bytes(damaged.encode(errors="surrogatepass"))
    loaded = load_file(path)
    last = damaged.count("\n") + 1
    assert all(1 <= it.line <= last and it.column >= 1 and it.message and it.mend for it in loaded.findings)
    assert all(str(it).count("\n") == 0 for it in loaded.findings)


def test_whole_bank_reads_without_libyaml_too() -> None:
    folder = Path(__file__).parents[2] / "questions"
    files = sorted(folder.rglob("*.yaml"))
    assert files
    for file in files:
        text = file.read_text(encoding="utf-8")
        assert yaml.load(text, yaml.SafeLoader) == yaml.load(text, yaml.CSafeLoader), file  # both are safe
