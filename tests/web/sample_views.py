"""Views with everything on them, in both languages: what the template tests render (and a designer may look at)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import sample_admin
import sample_inbox
import sample_interviews

from app.bank.present import Presented, Revealed
from app.bank.schema import Lang
from app.practice.standing import TopicState
from app.web import views as v
from app.web.routes.docs import DocsView, Operation

AREA: dict[Lang, str] = {"en": "Convolution and CNN basics", "zh": "卷积与 CNN 基础"}
TOPIC: dict[Lang, str] = {"en": "Output size of convolution and pooling", "zh": "卷积与池化输出尺寸"}
SIZE = (
    "<math><mi>o</mi><mo>=</mo><mrow><mo>⌊</mo><mfrac><mrow><mi>n</mi><mo>+</mo><mn>2</mn><mi>p</mi><mo>−</mo><mi>k</mi>"
    "</mrow><mi>s</mi></mfrac><mo>⌋</mo></mrow><mo>+</mo><mn>1</mn></math>"
)
SUM = (
    '<math display="block"><msub><mi>y</mi><mi>i</mi></msub><mo>=</mo>'
    "<munderover><mo>∑</mo><mrow><mi>u</mi><mo>=</mo><mn>1</mn></mrow><mi>k</mi></munderover>"
    "<msub><mi>w</mi><mi>u</mi></msub><msub><mi>x</mi><mrow><mi>i</mi><mo>+</mo><mi>u</mi></mrow></msub>"
    "<mo>+</mo><mfrac><mi>b</mi><msqrt><msup><mi>σ</mi><mn>2</mn></msup><mo>+</mo><mi>ε</mi></msqrt></mfrac></math>"
)
FIGURE = {
    "html": '<figure class="figure"><svg viewBox="0 0 9 9" role="img"><title>Cells</title></svg></figure>',
    "alt": "Cells",
}
WHY = {
    "en": f"<p>The output size is {SIZE}; the floor drops what does not fill a whole step.</p>",
    "zh": f"<p>输出尺寸为 {SIZE}；向下取整会丢掉凑不满一步的部分。</p>",
}
SOURCES = ["Dumoulin & Visin, A guide to convolution arithmetic for deep learning, 2016, sec. 2"]
ERRATUM = {
    "en": "<p>Popular notes round up here. Frameworks round down unless <code>ceil_mode</code> is set.</p>",
    "zh": "<p>常见笔记在这里向上取整；实际上框架默认向下取整，除非设置 <code>ceil_mode</code>。</p>",
}
FOLLOW_UPS = {
    "en": [("<p>And with dilation 2?</p>", f"<p>The kernel spans d(k−1)+1 pixels. {SUM}</p>")],
    "zh": [("<p>如果空洞率为 2 呢？</p>", f"<p>卷积核覆盖 d(k−1)+1 个像素。{SUM}</p>")],
}


def presented(lang: Lang, kind: str, prompt: str, **more: object) -> Presented:
    base: dict[str, object] = {
        "id": f"sample-{kind}",
        "kind": kind,
        "area": "cnn-basics",
        "area_title": AREA[lang],
        "topic": "conv-output-size",
        "topic_title": TOPIC[lang],
        "difficulty": 2,
        "minutes": 1.5,
        "lang": lang,
        "seed": 7,
        "prompt_html": prompt,
        "title": {"en": "Output size of a convolution", "zh": "卷积的输出尺寸"}[lang],
        "options": [],
        "items": [],
        "lefts": [],
        "rights": [],
        "segments": [],
        "unit_html": None,
        "tolerance": None,
        "code": None,
        "rubric_points": 0,
    }
    return Presented.model_validate_json(json.dumps(base | more))


def revealed(lang: Lang, **more: object) -> Revealed:
    base: dict[str, object] = {
        "explanation_html": WHY[lang],
        "answer_html": None,
        "options": [],
        "order": [],
        "pairs": [],
        "blanks": [],
        "rubric": [],
        "follow_ups": [{"ask_html": ask, "answer_html": answer} for ask, answer in FOLLOW_UPS[lang]],
        "sources": SOURCES,
        "erratum_html": ERRATUM[lang],
        "reference": None,
        "complexity_html": None,
    }
    return Revealed.model_validate_json(json.dumps(base | more))


def ratings(lang: Lang, suggested: int | None = 3) -> list[v.RatingView]:
    labels = {"en": ["Again", "Hard", "Good", "Easy"], "zh": ["重来", "困难", "良好", "简单"]}[lang]
    times = {"en": ["10 min", "4 d", "11 d", "1.2 mo"], "zh": ["10 分钟", "4 天", "11 天", "1.2 个月"]}[lang]
    return [
        v.RatingView(value, label, interval, value == suggested)
        for value, (label, interval) in enumerate(zip(labels, times, strict=True), start=1)
    ]


def _keyed(texts: list[str], keys: str = "ABCDEFGH") -> list[dict[str, str]]:
    return [{"key": key, "html": f"<p>{text}</p>"} for key, text in zip(keys, texts, strict=False)]


def _feedback(
    lang: Lang, correct: bool | None, shown: Revealed, parts: list[v.PartView] | None = None, **more: object
) -> v.FeedbackView:
    label = {True: ("Correct", "答对了"), False: ("Not correct", "不对"), None: ("", "")}[correct][lang == "zh"]
    view = v.FeedbackView(
        correct=correct,
        score_label=None,
        verdict_label=label,
        note=None,
        parts={part.key: part for part in parts or []},
        revealed=shown,
        ratings=ratings(lang, None if correct is None else 3 if correct else 1),
    )
    return replace(view, **more)  # type: ignore[arg-type]  # the sample's own fields


def _card(question: Presented, feedback: v.FeedbackView | None = None, **given: object) -> v.CardView:
    report = replace(sample_inbox.report_form(question.lang), error=None) if feedback else None
    return v.CardView(12, question, is_new=True, flagged=False, feedback=feedback, given=given, report=report)


def _choice(lang: Lang, kind: str) -> Iterator[v.CardView]:
    many = kind == "multi-choice"
    prompt = {
        "en": "<p>An input of 7 × 7 pixels meets a 3 × 3 convolution with stride 2 and padding 1. "
        "How many pixels wide is the output?</p><pre><code>nn.Conv2d(3, 64, 3, stride=2, padding=1)</code></pre>",
        "zh": "<p>输入为 7 × 7 像素，经过步幅 2、填充 1 的 3 × 3 卷积，输出的宽是多少像素？</p>"
        "<pre><code>nn.Conv2d(3, 64, 3, stride=2, padding=1)</code></pre>",
    }[lang]
    texts = ["3", "4", f"{SIZE}", {"en": "It depends on the number of channels", "zh": "取决于通道数"}[lang]]
    why = {"en": "You left out the padding.", "zh": "漏掉了填充。"}[lang]
    question = presented(lang, kind, prompt, options=_keyed(texts))
    yield _card(question)
    options = [it | {"correct": it["key"] in "BC"[: 1 + many], "why_html": f"<p>{why}</p>"} for it in _keyed(texts)]
    shown = revealed(lang, options=options)
    given: dict[str, object] = {"choices": ["A", "B"]} if many else {"choice": "A"}
    yield _card(question, _feedback(lang, False, shown, score_label="50%" if many else None), **given)
    if not many:
        yield _card(question, _feedback(lang, True, shown), choice="B")


def _numeric(lang: Lang) -> Iterator[v.CardView]:
    prompt = {
        "en": f"<p>A convolution: kernel 5, stride 2, padding 1; input 33 wide. How wide is the output?</p>{SUM}",
        "zh": f"<p>卷积核为 5，步幅 2，填充 1，输入宽 33。输出宽多少？</p>{SUM}",
    }[lang]
    unit = {"en": "<p>pixels</p>", "zh": "<p>像素</p>"}[lang]
    question = presented(lang, "numeric", prompt, unit_html=unit, tolerance={"abs": 0.01, "rel": 0.05})
    yield _card(question)
    yield replace(_card(question, value="abc"), error={"en": "“abc” is not a number.", "zh": "“abc”不是数字。"}[lang])
    part = v.PartView(
        "value", "15", "16", False, {"en": "<p>You left out the +1.</p>", "zh": "<p>漏了加一。</p>"}[lang]
    )
    yield _card(question, _feedback(lang, False, revealed(lang, answer_html="<p>16</p>"), [part]), value="15")


def _cloze(lang: Lang) -> Iterator[v.CardView]:
    head, middle, tail = {
        "en": ("<p>Batch normalisation normalises over the axes ", " and keeps one mean for every ", ".</p>"),
        "zh": ("<p>批归一化在 ", " 维上做归一化，每个", "各有一个均值。</p>"),
    }[lang]
    segments = [
        {"html": head, "blank": None},
        {"html": None, "blank": "axes"},
        {"html": middle, "blank": None},
        {"html": None, "blank": "per"},
        {"html": tail, "blank": None},
    ]
    question = presented(lang, "cloze", head + middle + tail, segments=segments)
    yield _card(question)
    why = {"en": "<p>One mean and variance a channel.</p>", "zh": "<p>每个通道一对均值和方差。</p>"}[lang]
    blanks = [
        {"name": "axes", "accepted": ["N, H, W", "NHW"], "why_html": why},
        {"name": "per", "accepted": [{"en": "channel", "zh": "通道"}[lang]], "why_html": why},
    ]
    parts = [v.PartView("axes", "NHW", None, True, why), v.PartView("per", None, "channel", False, why)]
    yield _card(question, _feedback(lang, False, revealed(lang, blanks=blanks), parts), blanks={"axes": "NHW"})


def _ordering(lang: Lang) -> Iterator[v.CardView]:
    prompt = {"en": "<p>The steps of greedy non-maximum suppression:</p>", "zh": "<p>贪心非极大值抑制的步骤：</p>"}[
        lang
    ]
    texts = {
        "en": [
            "Drop every box that overlaps the kept one by more than the threshold",
            "Sort the boxes by score, highest first",
            "Keep the first box that is left",
            "Go on until no box is left",
        ],
        "zh": ["删去与保留框的 IoU 超过阈值的框", "按得分从高到低排序", "保留剩下的第一个框", "重复，直到没有剩下的框"],
    }[lang]
    question = presented(lang, "ordering", prompt, items=_keyed(texts))
    yield _card(question)
    order = [it | {"why_html": WHY[lang]} for it in (_keyed(texts)[i] for i in (1, 2, 0, 3))]
    parts = [v.PartView(str(n), "A", "B", n == 4, None) for n in range(1, 5)]
    yield _card(question, _feedback(lang, False, revealed(lang, order=order), parts), order=["B", "A", "C", "D"])


def _matching(lang: Lang) -> Iterator[v.CardView]:
    prompt = {"en": "<p>Which network brought which idea?</p>", "zh": "<p>哪个网络提出了哪个想法？</p>"}[lang]
    lefts = _keyed(["ResNet", "MobileNet v1", "DenseNet"], "123")
    rights = {
        "en": [
            "Depthwise separable convolution",
            "Identity shortcuts",
            "Concatenating all earlier features",
            "Inception modules",
        ],
        "zh": ["深度可分离卷积", "恒等捷径", "拼接之前所有层的特征", "Inception 模块"],
    }[lang]
    question = presented(lang, "matching", prompt, lefts=lefts, rights=_keyed(rights))
    yield _card(question)
    pairs = [
        {"left": left, "right": right, "why_html": WHY[lang]} for left, right in (("1", "B"), ("2", "A"), ("3", "C"))
    ]
    parts = [
        v.PartView("1", "B", "B", True, None),
        v.PartView("2", "C", "A", False, None),
        v.PartView("3", None, "C", False, None),
    ]
    yield _card(question, _feedback(lang, False, revealed(lang, pairs=pairs), parts), pairs={"1": "B", "2": "C"})


def _flashcard(lang: Lang) -> Iterator[v.CardView]:
    prompt = {"en": "<p>What is the receptive field of a unit?</p>", "zh": "<p>什么是一个单元的感受野？</p>"}[lang]
    answer = {
        "en": "<p>The region of the <em>input</em> that can change the unit's value.</p>",
        "zh": "<p>输入中能够影响该单元取值的<em>区域</em>。</p>",
    }[lang]
    question = presented(lang, "flashcard", prompt, figure=FIGURE)
    yield _card(question)
    shown = revealed(lang, answer_html=answer, explanation_html=None, figure=FIGURE)
    yield _card(question, _feedback(lang, None, shown))


def _open(lang: Lang) -> Iterator[v.CardView]:
    prompt = {"en": "<p>Why do residual connections help?</p>", "zh": "<p>残差连接为什么有效？</p>"}[lang]
    points = {
        "en": ["Gradients reach early layers", "The identity is easy to learn"],
        "zh": ["梯度能到达浅层", "恒等映射容易学到"],
    }[lang]
    answer = {"en": "<p>They let gradients pass unchanged.</p>", "zh": "<p>它们让梯度原样通过。</p>"}[lang]
    text = {"en": "The gradient flows\nthrough the shortcut.", "zh": "梯度沿捷径流动。\n因此更容易训练。"}[lang]
    question = presented(lang, "open", prompt, rubric_points=2)
    yield _card(question)
    rubric = [{"html": f"<p>{point}</p>", "weight": weight} for point, weight in zip(points, (2, 1), strict=True)]
    shown = revealed(lang, answer_html=answer, rubric=rubric)
    yield _card(question, _feedback(lang, None, shown, awaiting_rubric=True, ratings=[]), text=text)
    yield _card(question, _feedback(lang, False, shown, points=[0], score_label="67%"), text=text, points=[0])


def _code_question(lang: Lang) -> Presented:
    prompt = {
        "en": "<p>Write <strong>intersection over union</strong> of two boxes <code>(x1, y1, x2, y2)</code>. "
        f"Boxes that only touch have IoU 0.</p>{SUM}",
        "zh": "<p>写出两个框 <code>(x1, y1, x2, y2)</code> 的<strong>交并比</strong>。"
        f"仅仅相接的框 IoU 为 0。</p>{SUM}",
    }[lang]
    code = {
        "lib": "numpy",
        "function": "iou",
        "signature": "iou(a: (4,), b: (4,)) -> float",
        "starter": "import numpy as np\n\n\ndef iou(a, b):\n    ...\n",
        "contract": {
            "dtype": "any",
            "rtol": 1e-5,
            "atol": 1e-6,
            "order": "any",
            "ties": {"argument": 1},
            "answers": "any_of",
            "mutation": "forbidden",
        },
        "limits": {"time_s": 2.0, "memory_mib": 256},
        "allowed_imports": ["math", "numpy"],
        "forbidden_calls": ["numpy.linalg.svd", "numpy.ndarray.sort"],
        "hints": 2,
    }
    return presented(lang, "code", prompt, code=code, minutes=12.0)


def cards(lang: Lang) -> dict[str, v.CardView]:
    """Every kind, asked and answered, by name."""
    kinds: dict[str, Callable[[Lang], Iterator[v.CardView]]] = {
        "flashcard": _flashcard,
        "single": lambda lang: _choice(lang, "single-choice"),
        "multi": lambda lang: _choice(lang, "multi-choice"),
        "numeric": _numeric,
        "cloze": _cloze,
        "ordering": _ordering,
        "matching": _matching,
        "open": _open,
        "code": lambda lang: iter([_card(_code_question(lang))]),
    }
    return {f"{name}-{n}": card for name, make in kinds.items() for n, card in enumerate(make(lang), start=1)}


def rows(lang: Lang) -> list[v.QuestionRow]:
    title = {
        "en": "How many pixels wide is the output of a 3 × 3 convolution with stride 2?",
        "zh": "步幅 2 的 3 × 3 卷积输出宽多少像素？",
    }[lang]
    kind, new = {"en": ("Single choice", "New"), "zh": ("单选", "未学")}[lang]
    return [
        v.QuestionRow(
            f"q-{n}", f"/q/q-{n}", title, AREA[lang], TOPIC[lang], "single-choice", kind, n % 5 + 1, 0.5 + n, new
        )
        for n in range(6)
    ]


def memory(lang: Lang) -> v.MemoryView:
    state, due, when, rating, days = {
        "en": ("In review", "tomorrow", "Nov 3, 2026, 9:12 AM", "Good", "11 days"),
        "zh": ("复习中", "明天", "2026年11月3日 09:12", "良好", "11 天"),
    }[lang]
    past = [v.PastReview(when, rating, days), v.PastReview(when, rating, days)]
    return v.MemoryView(state, due, days, "5.2 / 10", "93%", 6, 2, True, past)


PICTURE = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 120 80" role="img" aria-label="Two boxes">'
    '<path class="pic-grid" d="M0 20H120M0 40H120M0 60H120M30 0V80M60 0V80M90 0V80"/>'
    '<rect class="pic-input" x="5" y="8" width="40" height="30"/>'
    '<rect class="pic-kept" x="10" y="10" width="50" height="40"/>'
    '<rect class="pic-missed" x="40" y="25" width="50" height="40"/>'
    '<rect class="pic-extra" x="80" y="50" width="25" height="20"/>'
    '<text class="pic-text" x="12" y="18" font-size="6">0.91</text></svg>'
)


def _case(number: int, title: str, label: str, **more: object) -> v.CaseView:
    case = v.CaseView(
        number, title, "accepted", label, True, False, "0.1 ms", "2 MiB", "", "", None, None, None, [], None, 0
    )
    return replace(case, **more)  # type: ignore[arg-type]  # the sample's own fields


def _failing_case(number: int, title: str, label: str, message: str) -> v.CaseView:
    return _case(
        number, title, label, verdict="wrong_answer", ok=False, message=message, stdout="debug 1\ndebug 2\n",
        args="[0, 0, 1, 1]\n[1, 0, 2, 1]", expected="0.0", got="0.142857", picture_svg=PICTURE,
        diff=[v.DiffLine("same", "  [0]  1"), v.DiffLine("due", "- [1]  0"), v.DiffLine("got", "+ [1]  0.142857")],
    )  # fmt: skip


def submission(lang: Lang, status: str = "done", ok: bool = False, mode: str = "submit") -> v.SubmissionView:
    right, wrong = {"en": ("Accepted", "Wrong answer"), "zh": ("通过", "答案错误")}[lang]
    message = {
        "en": "The value at index 0 is 0.143, expected 0.0: touching boxes do not overlap.",
        "zh": "下标 0 处的值是 0.143，应为 0.0：相接的框没有重叠。",
    }[lang]
    title = {"en": "Boxes that touch", "zh": "相接的框"}[lang]
    cases = [
        _case(1, title, right),
        _case(2, title, right, stdout="debug 1\ndebug 2\n") if ok else _failing_case(2, title, wrong, message),
        _case(3, title, right, hidden=True),
    ]
    if not ok:
        withheld = _failing_case(4, title, wrong, message)
        cases.append(replace(withheld, hidden=True, tries_left=2, args=None, diff=[], picture_svg=None))
        error = replace(withheld, number=5, verdict="runtime_error", diff=[], picture_svg=None, got=None)
        cases.append(error)
    progress = {"en": "Running case 2 of 3", "zh": "正在运行第 2 个用例，共 3 个"}[lang]
    slip = {"en": "<p>Without <code>max(0, …)</code> gaps count.</p>", "zh": "<p>没有截断到 0。</p>"}[lang]
    done = status == "done"
    return v.SubmissionView(
        id="s1",
        mode="run" if mode == "run" else "submit",
        status=status,  # type: ignore[arg-type]  # one of the four, chosen by the caller
        progress_label="" if done else progress,
        verdict=("accepted" if ok else "wrong_answer") if done else None,
        verdict_label=right if ok else wrong,
        ok=ok,
        message="" if ok or not done else message,
        slip_html=None if ok or not done else slip,
        cases=cases if done else [],
        first=cases[1] if done and not ok else None,
        seed=1234567,
        code_sha256="0" * 64,
        when_label={"en": "9:12 AM", "zh": "09:12"}[lang],
    )


def code_views(lang: Lang) -> dict[str, v.CodeView]:
    hint = {"en": "<p>Clamp the width at 0.</p>", "zh": "<p>宽度小于 0 时取 0。</p>"}[lang]
    question = _code_question(lang)
    starter = "import numpy as np\n\n\ndef iou(a, b):\n    # </textarea> stays text\n    return max(0, a[2] - b[0])\n"
    editor = v.EditorView(
        starter, False, 65536, "/code/iou/submissions", "/code/iou/draft", "/code/iou/side", "iou", None
    )
    fresh = v.CodeView(question, editor, None, None, None, [], 2, None, [], None, None)
    solution = (
        "import numpy as np\n\n\ndef iou(a, b):\n    w = min(a[2], b[2]) - max(a[0], b[0])\n    return max(w, 0.0)\n"
    )
    shown = revealed(lang, reference=solution, complexity_html="<p>O(1)</p>")
    missing = {"en": "PyTorch is not installed here.", "zh": "这里没有安装 PyTorch。"}[lang]
    tried = replace(fresh, editor=replace(editor, has_draft=True, session_id=3), session_id=3, card_id=12)
    return {
        "fresh": replace(fresh, report=sample_inbox.report_form(lang)),
        "unavailable": replace(fresh, editor=replace(editor, unavailable=missing), unavailable=missing),
        "failed": replace(tried, submission=submission(lang), hints_html=[hint], hints_left=1),
        "solved": replace(
            tried, submission=submission(lang, ok=True), revealed=shown, ratings=ratings(lang), memory=memory(lang)
        ),
        "running": replace(fresh, submission=submission(lang, "running")),
    }


def home_views(lang: Lang) -> dict[str, v.HomeView]:
    topics = {
        "en": [
            ("Output size of convolution and pooling", "Convolution and CNN basics"),
            ("IoU and its variants", "Object and face detection"),
        ],
        "zh": [("卷积与池化输出尺寸", "卷积与 CNN 基础"), ("IoU 及其变体", "目标检测与人脸检测")],
    }[lang]
    due = [v.TopicDue(f"t-{n}", title, area, 3 * (1 - n), 2) for n, (title, area) in enumerate(topics)]
    full = v.HomeView(18, 5, 17, 4, due, None, None, steps(lang))
    tomorrow = {"en": "tomorrow", "zh": "明天"}[lang]
    return {
        "due": full,
        "told": replace(full, notices=sample_inbox.notices(lang)),
        "left": replace(full, session=v.OpenSession(3, 4, 10)),
        "new": replace(full, due=0, interview_href="/interviews/4"),
        "done": v.HomeView(0, 0, 0, 12, [], None, tomorrow, steps(lang)),
        "empty": v.HomeView(0, 0, 0, 0, [], None, None, []),
    }


def session_views(lang: Lang) -> dict[str, v.SessionView]:
    found = {name: v.SessionView(3, 3, 10, True, card, None) for name, card in cards(lang).items()}
    tomorrow = {"en": "tomorrow", "zh": "明天"}[lang]
    summary = v.SummaryView(10, 8, 12, [v.TopicScore(TOPIC[lang], 3, 4)], rows(lang)[:2], tomorrow, steps(lang))
    found["summary"] = v.SessionView(3, 10, 10, True, None, summary)
    found["summary-empty"] = v.SessionView(3, 0, 0, False, None, v.SummaryView(0, 0, 0, [], [], None, []))
    notice = {"en": "This card was already answered in another tab.", "zh": "这张卡片已在另一个标签页中作答。"}[lang]
    found["notice"] = replace(found["single-1"], notice=notice)
    return found


def browse_views(lang: Lang) -> dict[str, v.BrowseView]:
    every = {"en": "All", "zh": "全部"}[lang]
    some = [v.Choice("", every, True), v.Choice("x", "X", False)]
    many = v.BrowseView("", some, some, some, some, rows(lang), 120, 2, 3, "/browse?page=1", "/browse?page=3")
    none = v.BrowseView("卷积", some, some, some, some, [], 0, 1, 1, None, None)
    return {"many": many, "none": none}


STANDINGS: dict[Lang, list[tuple[str, str]]] = {
    "en": [("learnt", "Learnt"), ("begun", "Begun"), ("due", "Due now"), ("weak", "Weak"), ("not-yet", "Not yet")],
    "zh": [("learnt", "已掌握"), ("begun", "已开始"), ("due", "待复习"), ("weak", "薄弱"), ("not-yet", "未学")],
}


def topic_links(lang: Lang) -> list[v.TopicLink]:
    """A topic in every state."""
    return [
        v.TopicLink(f"t-{mark}", TOPIC[lang], v.StandingView(mark, label, label)) for mark, label in STANDINGS[lang]
    ]


def steps(lang: Lang) -> list[v.StepView]:
    because = {"en": "you missed 3 of 5 here", "zh": "做过 5 题，错了 3 题"}[lang]
    return [v.StepView(f"t-{n}", TOPIC[lang], because) for n in range(3)]


def topics_views(lang: Lang) -> dict[str, v.TopicsView]:
    links = topic_links(lang)
    legend = [link.standing for link in links]
    areas = [v.AreaView(f"a-{n}", AREA[lang], links if n else [], n, n, n, is_open=n == 1) for n in range(3)]
    return {"full": v.TopicsView(areas, steps(lang), legend), "empty": v.TopicsView([], [], legend)}


def topic_views(lang: Lang) -> dict[str, v.TopicView]:
    *_, weak, unseen = links = topic_links(lang)
    state = TopicState(questions=5, fresh=1, seen=4, due=2, lasting=1, missed=2, recall=0.8)
    full = v.TopicView(
        weak, "cnn-basics", AREA[lang], state, "80%", None, links[:2], links[2:], rows(lang), steps(lang)
    )
    tomorrow = {"en": "tomorrow", "zh": "明天"}[lang]
    rested = replace(full, state=replace(state, fresh=0, due=0), next_due_label=tomorrow)
    alone = v.TopicView(unseen, "cnn-basics", AREA[lang], TopicState(), None, None, [], [], [], [])
    return {"full": full, "rested": rested, "alone": alone}


def settings_views(lang: Lang) -> dict[str, v.SettingsView]:
    languages = [v.Choice("", {"en": "As the browser", "zh": "跟随浏览器"}[lang], False), v.Choice("zh", "中文", True)]
    themes = [v.Choice(name, name, name == "auto") for name in ("auto", "light", "dark")]
    values = {"language": "zh", "zone": "Asia/Shanghai", "theme": "auto", "shortcuts": "on"}
    values |= {"new_per_day": "20", "reviews_per_day": "200"}
    plain = v.SettingsView(values, {}, languages, themes, ["Asia/Shanghai", "Europe/London"], True)
    errors = {
        name: {"en": "Enter a whole number.", "zh": "请输入整数。"}[lang] for name in values if name != "shortcuts"
    }
    return {"saved": plain, "refused": replace(plain, saved=False, errors=errors)}


def question_views(lang: Lang) -> dict[str, v.QuestionView]:
    asked, answered, *_ = (card for name, card in cards(lang).items() if name.startswith("single"))
    return {
        "new": v.QuestionView(asked, None, suspended=False),
        "known": v.QuestionView(replace(answered, flagged=True), memory(lang), suspended=True),
    }


def pages(lang: Lang) -> Iterator[tuple[str, str, object, str]]:
    """Every page and fragment: (name, template, view, active tab)."""
    for name, home in home_views(lang).items():
        yield f"home-{name}", "home/page.html", home, "home"
    for name, session in session_views(lang).items():
        yield f"session-{name}", "practice/page.html", session, "practice"
    yield "stage", "practice/stage.html", session_views(lang)["single-2"], "practice"
    for name, question in question_views(lang).items():
        yield f"question-{name}", "questions/page.html", question, "browse"
        yield f"try-{name}", "questions/_try.html", question, "browse"
    for name, code in code_views(lang).items():
        yield f"code-{name}", "code/page.html", code, "practice" if code.session_id else "browse"
        yield f"side-{name}", "code/_side.html", code, ""
    for status in ("queued", "running", "cancelled", "done"):
        yield f"results-{status}", "code/_results.html", submission(lang, status), ""
    yield "results-run", "code/_results.html", submission(lang, ok=True, mode="run"), ""
    for name, browse in browse_views(lang).items():
        yield f"browse-{name}", "browse/page.html", browse, "browse"
        yield f"rows-{name}", "browse/_rows.html", browse, "browse"
    for name, topics in topics_views(lang).items():
        yield f"topics-{name}", "topics/page.html", topics, "topics"
    for name, topic in topic_views(lang).items():
        yield f"topic-{name}", "topics/topic.html", topic, "topics"
    for name, settings in settings_views(lang).items():
        yield f"settings-{name}", "settings/page.html", settings, "settings"
    wrong = {"en": "Name or password is wrong.", "zh": "用户名或密码不对。"}[lang]
    yield "login", "accounts/login.html", v.LoginView("ada", wrong, "/browse?q=nms", can_sign_up=True), ""
    title, advice = {
        "en": ("Not found", "The question list shows everything there is."),
        "zh": ("没有找到", "题库里列出了所有题目。"),
    }[lang]
    error = v.ErrorView(404, title, "", advice, "0b4f2c1e7f0a4d39")
    yield "error", "errors/page.html", error, ""
    yield "refused", "code/_refused.html", error, ""
    yield "example", "code/_example.html", v.ExampleView(title, "[0, 0, 2, 2]\n[1, 0, 3, 2]", "<svg></svg>"), ""
    answer = DocsView(
        [
            Operation(
                "POST",
                "/api/practice/undo",
                {"en": "Take the last rating back.", "zh": "撤销上一次评分。"}[lang],
                "Undo",
                "Card",
            )
        ],
        {"Undo": {"id": "integer"}},
    )
    yield "docs", "api/docs.html", answer, ""
    yield from sample_interviews.pages(lang)
    yield from sample_admin.pages(lang)


def shell(lang: Lang, active: Any, theme: v.Theme = "auto") -> v.Shell:
    flags = {"can_log_out": True, "shortcuts": True, "keeps_bank": True, "is_admin": True}
    return v.Shell(lang, theme, active, f"/{active}", "ada", **flags)
