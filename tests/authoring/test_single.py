"""One question by itself, as text."""

from __future__ import annotations

from pathlib import Path

import pytest
from sync_stage import POOLING, made

from app.authoring.single import read_single, text_hash, tidy, with_status
from app.bank.chunks import chunks
from app.bank.schema import Status

YAML = tidy(chunks(POOLING)[0].text)


def test_a_tidy_text_has_line_feeds_alone_and_no_trailing_space() -> None:
    assert tidy("\n a: 1  \r\nb: 2\r\n\n") == " a: 1\nb: 2\n"
    assert tidy(tidy(YAML)) == tidy(YAML)
    assert text_hash(tidy("a: 1\r\n")) == text_hash(tidy("a: 1  \n\n"))


@pytest.mark.parametrize("status", list(Status))
def test_a_status_is_said_and_the_rest_stays(status: Status, tmp_path: Path) -> None:
    bank = made(tmp_path).folder.look().bank
    for before in (YAML, with_status(YAML, Status.draft)):
        after = with_status(before, status)
        single = read_single(after, bank.topics["pooling"], bank)
        assert single.findings == ()
        assert single.entry is not None
        assert single.entry.question.status is status
        assert "# a remark inside" in after


def test_a_fault_is_placed_in_the_questions_own_lines(tmp_path: Path) -> None:
    bank = made(tmp_path).folder.look().bank
    single = read_single(YAML.replace("difficulty: 2", "difficulty: 9"), bank.topics["pooling"], bank)
    assert [(finding.line, finding.column, finding.where) for finding in single.findings] == [(4, 1, "")]
