"""Views of mock interviews with everything on them, in both languages, for `sample_views`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import sample_views as samples

from app.bank.schema import Lang
from app.web import interview_views as i
from app.web import views as v


def _t(lang: Lang, en: str, zh: str) -> str:
    return en if lang == "en" else zh


def _choices(lang: Lang) -> list[v.Choice]:
    return [v.Choice("1", _t(lang, "none", "无"), True), v.Choice("1.5", _t(lang, "50% more", "多 50%"), False)]


def _plan(lang: Lang) -> i.BlueprintView:
    title = _t(lang, "CV engineer, 45 minutes", "CV 工程师，45 分钟")
    return i.BlueprintView("cv-45", title, _t(lang, "Basics, then code.", "先基础，后代码。"), "45 min", 12)


def _sections(lang: Lang) -> list[i.SectionView]:
    asks = _t(lang, "2 of 3 questions", "3 题选做 2 题")
    return [i.SectionView(_t(lang, "Explain", "原理口述"), "12 min", asks, _t(lang, "Open question", "开放题"))]


def head(lang: Lang) -> i.HeadView:
    label = _t(lang, "Question 1: answered", "第 1 题：已答")
    places = [
        i.PlaceView(1, False, True, False, True, label),
        i.PlaceView(2, True, False, True, False, label),
        i.PlaceView(3, False, False, False, False, label),
    ]
    return i.HeadView(
        id=4,
        title=_plan(lang).title,
        section_title=_t(lang, "Explain", "原理口述"),
        section_label=_t(lang, "Section 2 of 3", "第 2 / 3 环节"),
        clock=i.ClockView(1_000_000, 1_600_000, 2_600_000, "10:00", "26:40", False),
        places=places,
        realistic=False,
        can_pause=True,
        pauses_label=_t(lang, "1 pause left", "还可暂停 1 次"),
        is_last_section=False,
        unanswered=2,
        rule=_t(lang, "Answer 2 of these 3.", "这 3 题中任选 2 题作答。"),
    )


def answering_views(lang: Lang) -> dict[str, i.AnsweringView]:
    cards = samples.cards(lang)
    asked = cards["single-1"]
    plain = i.AnsweringView(
        head=head(lang),
        number=2,
        total=12,
        card=asked,
        revision=3,
        state_label=_t(lang, "Saved at 9:12:03", "已保存于 09:12:03"),
        flagged=True,
        confidences=[v.Choice("1", _t(lang, "Guessed", "猜的"), False), v.Choice("3", _t(lang, "Sure", "确定"), True)],
        locks=False,
        locked=False,
        verdict="",
        verdict_label="",
        follow_ups=[],
        next_number=3,
        previous_number=1,
    )
    opened = next(card for name, card in cards.items() if name.startswith("open"))
    asks = [i.FollowUpView(_t(lang, "<p>And then?</p>", "<p>然后呢？</p>"), "x = 1 < 2")]
    answered = next(card for name, card in cards.items() if name.startswith("single") and card.feedback)
    ended = replace(head(lang), is_last_section=True, unanswered=0, can_pause=False, rule=None, realistic=True)
    code = samples.code_views(lang)["fresh"]
    editor = replace(code.editor, can_submit=False)
    notice = _t(lang, "There is no answer yet.", "还没有作答。")
    return {
        "plain": plain,
        "locking": replace(plain, locks=True, next_number=None, head=ended, notice=notice),
        "open": replace(plain, card=opened, locks=True),
        "followed-up": replace(
            plain, card=opened, locks=True, locked=True, verdict="kept", verdict_label=notice, follow_ups=asks
        ),
        "told": replace(plain, locks=True, locked=True, verdict="right", verdict_label=notice),
        "explained": replace(plain, card=answered, locks=True, locked=True),
        "code": replace(plain, card=replace(asked, question=code.question), editor=editor),
        "code-run": replace(
            plain,
            card=replace(asked, question=code.question),
            editor=replace(editor, unavailable=notice),
            submission=samples.submission(lang, mode="run"),
        ),
    }


def report_view(lang: Lang) -> i.ReportView:
    links = samples.topic_links(lang)
    share = i.ShareView(_t(lang, "Explain", "原理口述"), 62, _t(lang, "3 questions", "3 题"))
    cards = samples.cards(lang)
    cells = [i.CellView(None, 0), i.CellView(50, 2), i.CellView(100, 1), i.CellView(None, 0), i.CellView(0, 1)]
    label = _t(lang, "Not correct", "不正确")
    asks = [i.FollowUpView(_t(lang, "<p>And then?</p>", "<p>然后呢？</p>"), "x = 1 < 2")]
    code = samples.code_views(lang)["fresh"].question

    def line(number: int, card: v.CardView, mark: str, **more: object) -> i.LineView:
        plain = i.LineView(
            number=number,
            title=samples.TOPIC[lang],
            href="/q/sample",
            section=0,
            mark=mark,
            mark_label=label,
            score_label="33%" if mark == "partly" else "",
            time_label="1:20",
            over_time=mark == "wrong",
            budget_label="1:00",
            counts=mark != "unanswered",
            confidence_label=_t(lang, "Sure", "确定"),
            card=card,
            score_to=None,
            points_given=False,
            follow_ups=[],
            submission=None,
            code=None,
            regrade_to=None,
        )
        return replace(plain, **more)  # type: ignore[arg-type]  # as the fields are

    answered = [card for card in cards.values() if card.feedback and not card.feedback.awaiting_rubric]
    opened = next(card for name, card in cards.items() if name.startswith("open") and card.feedback)
    marks = ("right", "partly", "wrong", "unanswered")
    lines = [line(n, card, marks[n % 4]) for n, card in enumerate(answered, start=1)]
    again = _t(lang, "Marked anew on Mar 3: the key was mended.", "3月3日重新评判：答案已更正。")
    lines[0] = replace(lines[0], remark=again)
    lines.append(line(40, opened, "to_score", score_to="/interviews/4/40/score", follow_ups=asks))
    asked = replace(cards["single-1"], question=code)
    lines.append(line(41, asked, "wrong", code="x = '</pre>'", submission=samples.submission(lang)))
    lines.append(line(42, asked, "grading", code="x = 1", submission=samples.submission(lang, "running")))
    lines.append(line(43, asked, "broken", code="x = 1", regrade_to="/interviews/4/43/regrade", href=""))
    when = _t(lang, "Mar 2, 2026, 9:12", "2026年3月2日 09:12")
    return i.ReportView(
        id=4,
        title=_plan(lang).title,
        when_label=when,
        percent=62,
        is_final=False,
        waiting=[_t(lang, "1 open answer waits for your scoring.", "有 1 道口述题等你自评。")],
        grading=1,
        sections=[share],
        kinds=[share],
        topics=[i.TopicRowView(link, share, cells) for link in links],
        levels=[1, 2, 3, 4, 5],
        calibration=[share],
        strong=links[:2],
        study=links[2:],
        earlier=[
            i.EarlierView("/interviews/3/report", when, 40, False),
            i.EarlierView("/interviews/4/report", when, 62, True),
        ],
        lines=lines,
        misses=3,
        practised=False,
        settings=["45 min", _t(lang, "realistic", "真实模式")],
        notice=_t(lang, "Not everything is scored yet.", "还没有全部评完。"),
    )


def _replay(lang: Lang) -> i.ReplayView:
    moments = [
        i.MomentView("1:20", _t(lang, "Written", "作答"), "x = '</pre>'", True),
        i.MomentView("2:20", _t(lang, "Written", "作答"), "A, C", False),
        i.MomentView("2:40", _t(lang, "Locked", "锁定"), None, False),
    ]
    prompt = _t(lang, "<p>Why?</p>", "<p>为什么？</p>")
    asked = [
        i.ReplayQuestionView(1, samples.TOPIC[lang], prompt, moments),
        i.ReplayQuestionView(2, samples.TOPIC[lang], prompt, []),
    ]
    return i.ReplayView(4, _plan(lang).title, asked)


def pages(lang: Lang) -> Iterator[tuple[str, str, object, str]]:
    """As `sample_views.pages`."""
    when = _t(lang, "Mar 2, 2026, 9:12", "2026年3月2日 09:12")
    past = [
        i.PastView(2, _plan(lang).title, when, "62%", None),
        i.PastView(3, _plan(lang).title, when, None, _t(lang, "being graded", "评分中")),
    ]
    full = i.InterviewsView(i.OpenView(4, _plan(lang).title, "12:05"), [_plan(lang)], past)
    yield "interviews", "interviews/page.html", full, "interviews"
    yield "interviews-none", "interviews/page.html", i.InterviewsView(None, [_plan(lang)], []), "interviews"
    rules = [_t(lang, "There is no pause.", "中途不能暂停。")]
    brief = i.BriefView(_plan(lang), _sections(lang), rules, _choices(lang), realistic=True)
    yield "brief", "interviews/brief.html", brief, "interviews"
    refused = replace(brief, notice=_t(lang, "Another one is under way.", "你还有一场正在进行。"))
    yield "brief-refused", "interviews/brief.html", refused, "interviews"
    parts = [i.OwnSectionView("quick", _t(lang, "Quick questions", "快问快答"), 10, 15)]
    areas = [v.Choice("gan", samples.AREA[lang], True)]
    own = i.OwnView(parts, areas, [v.Choice("1", "1", False)], _choices(lang), 0, 1, _choices(lang), realistic=False)
    yield "own", "interviews/own.html", replace(own, notice=refused.notice), "interviews"
    cards = [card for card in samples.cards(lang).values() if card.feedback is None][:6]
    yield "reading", "interviews/waiting.html", i.WaitingView(head(lang), True, _sections(lang), cards), "interviews"
    paused = replace(head(lang), clock=replace(head(lang).clock, is_paused=True))
    yield "paused", "interviews/waiting.html", i.WaitingView(paused, False, _sections(lang)), "interviews"
    for name, view in answering_views(lang).items():
        yield f"answering-{name}", "interviews/answering.html", view, "interviews"
    report = report_view(lang)
    yield "report", "interviews/report.html", report, "interviews"
    done = replace(report, practised=True, is_final=True, waiting=[], grading=0, notice=None)
    yield "report-done", "interviews/report.html", done, "interviews"
    nothing = replace(
        report, percent=None, sections=[], kinds=[], topics=[], calibration=[], strong=[], study=[], earlier=[]
    )
    yield "report-open", "interviews/report.html", nothing, "interviews"
    yield "replay", "interviews/replay.html", _replay(lang), "interviews"
