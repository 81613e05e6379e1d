"""A blueprint: what a timed mock interview is made of. `interview.paper` draws the questions for each sitting."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from app.bank.schema.base import Difficulty, Misfit, Slug, Text, Value
from app.languages import phrase

Feedback = Literal["end", "immediate", "verdict"]
AskedKind = Literal["single-choice", "multi-choice", "numeric", "cloze", "ordering", "matching", "open", "code"]
Minutes = Annotated[float, Field(gt=0, le=240)]
MAX_QUESTIONS = 60


class Pause(Value):
    """How often the clock may be stopped, and for how long each time; it goes on by itself."""

    times: Annotated[int, Field(ge=1, le=5)]
    minutes: Annotated[float, Field(gt=0, le=30)]


class Section(Value):
    """A part of the interview with a clock of its own.

    `answer`: how many of the `count` questions the learner answers, by choice; all of them if left out.
    `topics`: weights of areas or topics; left out, every area of the bank weighs the same.
    `difficulty`: how many questions of each level; or `levels`: which levels; with neither, any.
    """

    title: Text
    minutes: Minutes
    count: Annotated[int, Field(ge=1, le=MAX_QUESTIONS)]
    answer: Annotated[int, Field(ge=1)] | None = None
    kinds: tuple[AskedKind, ...] = Field(min_length=1)
    topics: Mapping[Slug, Annotated[float, Field(gt=0, le=1000)]] = Field(default_factory=dict)
    difficulty: Mapping[Difficulty, Annotated[int, Field(ge=1)]] = Field(default_factory=dict)
    levels: tuple[Difficulty, ...] = ()

    @property
    def answered(self) -> int:
        """How many questions count."""
        return self.answer or self.count

    @field_validator("kinds")
    @classmethod
    def _each_once(cls, kinds: tuple[AskedKind, ...]) -> tuple[AskedKind, ...]:
        if len(set(kinds)) < len(kinds):
            raise Misfit(phrase("a kind is named twice"))
        return kinds

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        if self.answer is not None and self.answer >= self.count:
            raise Misfit(
                phrase("'answer' is %(answer)s of %(count)s", answer=self.answer, count=self.count),
                phrase("leave it out, or let there be more questions"),
            )
        if self.difficulty and self.levels:
            raise Misfit(phrase("'difficulty' and 'levels' say the same in two ways"), phrase("leave one of them out"))
        if self.difficulty and (given := sum(self.difficulty.values())) != self.count:
            raise Misfit(
                phrase("'difficulty' names %(given)s questions, 'count' %(count)s", given=given, count=self.count),
                phrase("let them be the same"),
            )
        return self


class Blueprint(Value):
    """`feedback`: what a locked answer shows during the interview: nothing, everything, or only right or wrong.

    `reading_minutes` come first and do not count: the paper may be read, not answered.
    """

    id: Slug
    title: Text
    summary: Text
    minutes: Minutes
    reading_minutes: Annotated[float, Field(ge=0, le=30)] = 0
    feedback: Feedback = "end"
    realistic: bool = False
    pause: Pause | None = None
    sections: tuple[Section, ...] = Field(min_length=1, max_length=12)

    @property
    def count(self) -> int:
        return sum(section.count for section in self.sections)

    @model_validator(mode="after")
    def _fits(self) -> Self:
        longest = max(section.minutes for section in self.sections)
        if longest > self.minutes:
            raise Misfit(
                phrase(
                    "a section has %(longest)s minutes, the whole %(minutes)s",
                    longest=f"{longest:g}",
                    minutes=f"{self.minutes:g}",
                )
            )
        total = sum(section.minutes for section in self.sections)
        if total < self.minutes:
            raise Misfit(
                phrase(
                    "the sections have %(total)s minutes together, the whole %(minutes)s",
                    total=f"{total:g}",
                    minutes=f"{self.minutes:g}",
                )
            )
        if self.count > MAX_QUESTIONS:
            raise Misfit(
                phrase(
                    "%(count)s questions are more than the %(max_questions)s that an interview may have",
                    count=self.count,
                    max_questions=MAX_QUESTIONS,
                )
            )
        return self
