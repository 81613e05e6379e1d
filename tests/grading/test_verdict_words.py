"""Each way to fail has its verdict, its line and words that help, in both languages."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from made_questions import code_question

from app.bank.python_words import meaning_zh
from app.grading import endings, refusals
from app.grading.code import grade_code
from app.grading.verdict import Report, Verdict
from app.languages import Message
from app.sandbox import Call, Ending, Failure, Run, Sandbox

IMPORTS = ["ctypes", "importlib", "math", "multiprocessing", "numpy", "os", "pathlib", "resource", "signal", "socket",
           "sys", "tempfile", "threading", "time"]  # fmt: skip
LIMITS = {"time_s": 0.3, "memory_mib": 64}
CHINESE = re.compile("[\u4e00-\u9fff]")


def graded(sandbox: Sandbox, source: str, **fields: Any) -> Report:
    question = code_question(**{"allowed_imports": IMPORTS, "limits": LIMITS, **fields})
    return grade_code(question, source, sandbox=sandbox, mode="run", seed=0)


def said(report: Report) -> Message:
    """What the learner reads first: the failing case's words, or the report's."""
    return next((case.message for case in report.cases if case.verdict is not Verdict.accepted), report.message)


def in_double(*lines: str) -> str:
    return "import numpy as np\ndef double(x):\n" + "".join(f"    {line}\n" for line in lines)


COMPILE = {
    "a colon is missing": ("def double(x)\n    return x\n", 1, 14, "expected ':'", "这里缺少冒号"),
    "a bracket stays open": (
        "def double(x):\n    return (x\n",
        2,
        12,
        "'(' was never closed",
        "括号 ( 没有配对的右括号",
    ),
    "a bracket too many": ("x = 3)\n", 1, 6, "unmatched ')'", "多了一个右括号 )"),
    "brackets of two kinds": ("x = (1, 2]\n", 1, 10, "does not match", "右括号 ] 与左括号 ( 不匹配"),
    "a comma is missing": ("x = [1 2]\n", 1, 6, "Perhaps you forgot a comma?", "语法错误，可能漏了逗号"),
    "a comma is missing, over lines": ("x = f(1,\n      2 3,\n      4)\n", 2, 7, "forgot a comma", "可能漏了逗号"),
    "an indent too many": ("x = 1\n  y = 2\n", 2, 3, "unexpected indent", "缩进多了"),
    "no indent": ("def double(x):\nreturn x\n", 2, 1, "expected an indented block", "第 1 行之后需要缩进的代码块"),
    "an indent that fits none": ("if 1:\n        x = 1\n    y = 2\n", 3, 5, "does not match any", "对不上"),
    "tabs and spaces": ("if 1:\n\tif 1:\n        x = 1\n", 3, 9, "inconsistent use of tabs", "混用了制表符和空格"),
    "a string stays open": ("x = 'abc\n", 1, 5, "unterminated string literal", "字符串缺少结尾的引号"),
    "three quotes stay open": ("\n  \nx = '''abc\n\n", 3, 5, "unterminated triple-quoted", "三引号字符串没有结尾"),
    "a brace of an f-string": ("x = f'{a'\n", 1, None, "f-string", "f-string"),
    "an error within an f-string": ("\nx = 1 + f'{a b}'\n", 2, 12, "forgot a comma", "可能漏了逗号"),
    "a Chinese comma": (
        "x = [1，2]\n",
        1,
        7,
        "invalid character '，' (U+FF0C)",
        "字符“，”不能用在代码里，请用英文（半角）符号",
    ),
    "a Chinese blank": ("x =\u30003\n", 1, 4, "non-printable character U+3000", "全角空格"),
    "an invisible character": ("x = 3\u200b\n", 1, 6, "non-printable character U+200B", "看不见的字符 U+200B"),
    "after Chinese names": ("名字 = [1 2]\n", 1, 7, "forgot a comma", "可能漏了逗号"),
    "print as a statement": ("print 3\n", 1, 1, "Missing parentheses", "print 后面要加括号"),
    "one equals sign": ("if x = 3: pass\n", 1, 4, "Maybe you meant '=='", "这里的 = 是不是应为 =="),
    "return outside": ("return 3\n", 1, 1, "'return' outside function", "return 只能写在函数里"),
    "break outside": ("break\n", 1, 1, "'break' outside loop", "break 只能写在循环里"),
    "a null byte": ("def double(x):\n    return '\0'\n", 2, 13, "null bytes", "空字符（NUL）"),
    "half a character": ("x = '\ud83d'\n", 1, 6, "half of a surrogate pair (U+D83D)", "半个字符"),
    "too deep brackets": ("x = " + "(" * 300, 1, None, "too many nested parentheses", "括号嵌套得太深"),
    "after 60,000 lines": ("\n" * 60_000 + "x = [1 2]", 60_001, 6, "forgot a comma", "可能漏了逗号"),
    "after Windows lines": ("x = 1\r\ny = [1 2]\r\n", 2, 6, "forgot a comma", "可能漏了逗号"),
    "after old Mac lines": ("x = 1\ry = [1 2]\r", 2, 6, "forgot a comma", "可能漏了逗号"),
    "after a byte order mark": ("\ufeffy = [1 2]\n", 1, 6, "forgot a comma", "可能漏了逗号"),
    "after a form feed": ("x = 1\n\f\ny = [1 2]\n", 3, 6, "forgot a comma", "可能漏了逗号"),
}


@pytest.mark.parametrize("name", COMPILE)
def test_source_that_does_not_compile_shows_line_column_mark_and_meaning(sandbox: Sandbox, name: str) -> None:
    source, line, column, english, chinese = COMPILE[name]
    report = graded(sandbox, source)
    assert (report.verdict, report.cases) == (Verdict.compile_error, ())
    head_en, shown, mark = report.message.en.split("\n")
    head_zh, *rest = report.message.zh.split("\n")
    assert rest == [shown, mark]
    found = re.match(r"Line (\d+), column (\d+): ", head_en)
    assert found
    assert int(found[1]) == line
    assert column is None or int(found[2]) == column
    assert head_zh.startswith(f"第 {found[1]} 行第 {found[2]} 列：")
    assert english in head_en
    assert english in head_zh
    assert chinese in head_zh
    assert set(mark.strip()) == {"^"}


@pytest.mark.parametrize(
    ("source", "english", "chinese"),
    [
        ("x = " + "-" * 60_000 + "1", "too large or too deeply nested to compile", "代码太大或嵌套太深"),
        ("def doubel(x):\n    return x\n", "does not define the function double; it defines doubel", "只定义了 doubel"),
        ("", "The code does not define the function double. Keep its name", "代码里没有定义函数 double。"),
        ("# nothing yet\n", "does not define the function double.", "没有定义函数 double。"),
        ("double = 3\n", "double is not a function but int.", "double 不是函数，而是 int。"),
        ("#" * 65_537, "65,537 bytes; at most 65,536 (64 KiB)", "65,537 字节，最多 65,536 字节（64 KiB）"),
    ],
)
def test_source_without_the_function_or_too_large_is_a_compile_error(
    sandbox: Sandbox, source: str, english: str, chinese: str
) -> None:
    report = graded(sandbox, source)
    assert (report.verdict, report.cases) == (Verdict.compile_error, ())
    assert english in report.message.en
    assert chinese in report.message.zh


RUNTIME = {
    "its own line and its callers": (
        in_double("return helper(x)") + "def helper(x):\n    return x + np.zeros(7)\n",
        5,
        ["ValueError: operands could not be broadcast together with shapes (2,) (7,)", "in double\n", "in helper\n"],
    ),
    "a chain": (
        in_double("try:", "    1 / 0", "except ArithmeticError as e:", "    raise ValueError('no') from e"),
        6,
        ["ValueError: no", "direct cause", "ZeroDivisionError: division by zero"],
    ),
    "recursion": ("def double(x):\n    return double(x)\n", 2, ["RecursionError", "calls left out"]),
    "a class of its own": ("class Odd(Exception):\n    pass\ndef double(x):\n    raise Odd('n')\n", 4, ["Odd: n"]),
    "a message that raises": (
        "class E(Exception):\n    def __str__(self):\n        raise KeyError\ndef double(x):\n    raise E\n",
        5,
        ["E: (its message could not be read: KeyError)"],
    ),
    "within a comprehension": (in_double("return [(lambda v: v.no)(k) for k in x]"), 3, ["AttributeError", "<lambda>"]),
    "a group": (in_double("raise ExceptionGroup('two', [ValueError(1), KeyError(2)])"), 3, ["two (2 sub-exceptions)"]),
    "after a byte order mark": ("\ufeffdef double(x):\n    return x.no\n", 2, ["AttributeError"]),
    "after Windows lines and a form feed": ("\r\n\f\r\ndef double(x):\r\n    return x.no\r\n", 4, ["return x.no"]),
    "leaving": (in_double("import sys", "sys.exit(3)"), 4, ["ended the process with status 3", "SystemExit: 3"]),
}


@pytest.mark.parametrize("name", RUNTIME)
def test_an_error_shows_its_line_and_the_learners_own_calls(sandbox: Sandbox, name: str) -> None:
    source, line, pieces = RUNTIME[name]
    report = graded(sandbox, source)
    message = said(report)
    assert report.verdict is Verdict.runtime_error
    assert message.en.startswith(f"Line {line}: ")
    assert message.zh.startswith(f"第 {line} 行：")
    for piece in pieces:
        assert piece in message.en
    assert message.en.partition("\n")[2] == message.zh.partition("\n")[2]
    assert message.en.count('File "') == message.en.count('File "solution.py"')
    assert len(message.en) < 3_500


@pytest.mark.parametrize(
    ("source", "english"),
    [
        ("1 / 0\n", "Before any case ran: Line 1: ZeroDivisionError: division by zero"),
        ("raise SyntaxError('x')\n", "Before any case ran: Line 1: SyntaxError: x"),
        ("import importlib\nimportlib.import_module('requests')\n", "Line 2: ModuleNotFoundError: No module named"),
    ],
)
def test_what_fails_while_loading_is_a_runtime_error_before_any_case(
    sandbox: Sandbox, source: str, english: str
) -> None:
    report = graded(sandbox, source)
    assert (report.verdict, report.cases) == (Verdict.runtime_error, ())
    assert english in report.message.en
    assert report.message.zh.startswith("在运行任何用例之前：第")


LIMITED = {
    "memory of Python": (
        "return bytearray(1 << 30)",
        Verdict.memory_limit,
        ["Line 3:", "64 MiB allowed"],
        "（64 MiB）",
    ),
    "memory of NumPy": (
        "return np.ones((1 << 30, 1))",
        Verdict.memory_limit,
        ["Line 3: More memory was needed than the 64 MiB allowed. NumPy asked for 8.00 GiB", "shape (1073741824, 1)"],
        "NumPy 申请了 8.00 GiB，数组形状 (1073741824, 1)，类型 float64",
    ),
    "memory bit by bit": (
        "k = [b'x' * 500_000 + bytes([n % 250]) for n in range(10**6)]",
        Verdict.memory_limit,
        ["64 MiB allowed", "MiB were in use before that"],
        "在此之前已用",
    ),
    "printing": (
        "print('a' * (1 << 24))",
        Verdict.output_limit,
        ["Too much was printed", "65,536 bytes"],
        "打印的内容太多",
    ),
    "a large result": (
        "return np.zeros(5_000_000)",
        Verdict.output_limit,
        ["The returned value is too large: 40,000,000 bytes or more; the limit is 33,554,432"],
        "返回值太大：至少 40,000,000 字节，上限 33,554,432 字节",
    ),
    "many results": ("return [0] * 300_000", Verdict.output_limit, ["300,000 elements or more"], "300,000 个元素"),
    "crashing": (
        "import ctypes; ctypes.string_at(0)",
        Verdict.runtime_error,
        ["crashed (SIGSEGV)"],
        "崩溃了（SIGSEGV）",
    ),
    "leaving at once": (
        "import os; os._exit(3)",
        Verdict.runtime_error,
        ["ended the process with status 3"],
        "退出码 3",
    ),
}


@pytest.mark.parametrize("name", LIMITED)
def test_a_limit_is_told_with_its_figure(sandbox: Sandbox, name: str) -> None:
    body, verdict, english, chinese = LIMITED[name]
    report = graded(sandbox, in_double(body))
    assert report.verdict is verdict
    for piece in english:
        assert piece in said(report).en
    assert chinese in said(report).zh


@pytest.mark.parametrize(
    ("body", "waits"), [("while True: pass", "s of CPU time"), ("import time; time.sleep(9)", "s of waiting")]
)
def test_a_case_without_end_is_stopped_whether_it_computes_or_waits(sandbox: Sandbox, body: str, waits: str) -> None:
    report = graded(sandbox, in_double(body))
    assert report.verdict is Verdict.time_limit
    assert said(report).en.startswith("Stopped after ")
    assert waits in said(report).en


WAITED, COMPUTED = "still running after 6 s", "used more than 2 s of processor time"


@pytest.mark.parametrize(
    ("cpu_ms", "wall_ms", "why", "english", "chinese"),
    [
        (2010, 2050, COMPUTED, "Stopped after 2.0 s of CPU time; the limit is 2 s a case.", "每个用例最多 2 秒"),
        (1990, 2050, COMPUTED, "Stopped after 2.0 s of CPU time", "用了 2.0 秒 CPU 时间后被停止"),
        (12, 6010, WAITED, "Stopped after 6.0 s of waiting (0.01 s of CPU time)", "（CPU 时间 0.01 秒）"),
        (1500, 6010, WAITED, "after 6.0 s, with 1.5 s of CPU time used; the limit is 2 s", "用了 1.5 秒 CPU 时间"),
    ],
)
def test_time_is_told_as_computing_waiting_or_a_busy_machine(
    cpu_ms: float, wall_ms: float, why: str, english: str, chinese: str
) -> None:
    call = Call(Ending.TIME_LIMIT, failure=Failure("TimeLimit", why), cpu_ms=cpu_ms, wall_ms=wall_ms)
    message = endings.about(call, code_question())
    assert english in message.en
    assert chinese in message.zh


def test_a_load_without_end_names_the_limit_of_loading(sandbox: Sandbox) -> None:
    failed = Failure("TimeLimit", "used more than 5 s of processor time")
    message = endings.about_load(Run(Ending.TIME_LIMIT, failed), code_question())
    assert "before any case ran" in message.en
    assert "more than 5 s" in message.en
    assert "5 秒" in message.zh


FORBIDDEN = {
    "reading": (
        "import pathlib; pathlib.Path('/etc/passwd').read_text()",
        "Reading files ('/etc/passwd')",
        "不允许读文件",
    ),
    "writing": ("np.save('/tmp/x.npy', x)", "Writing files ('/tmp/x.npy') is not allowed: print()", "不允许写文件"),
    "listing": ("import os; os.listdir('/')", "Listing folders is not allowed", "不允许列出目录"),
    "a shell": ("import os; os.system('ls')", "Starting processes is not allowed", "不允许启动进程"),
    "the network": ("import socket; socket.create_connection(('192.0.2.1', 80))", "Using the network", "这里没有网络"),
    "a thread": ("import threading; threading.Thread(target=print).start()", "Starting threads", "不允许启动线程"),
    "a signal": ("import os; os.kill(os.getppid(), 9)", "Sending signals is not allowed", "不允许发送信号"),
    "another signal": ("import signal; signal.raise_signal(15)", "(Operation not permitted)", "只能做计算"),
}


@pytest.mark.parametrize("name", FORBIDDEN)
def test_what_is_refused_is_named_with_its_reason_and_line(sandbox: Sandbox, name: str) -> None:
    body, english, chinese = FORBIDDEN[name]
    report = graded(sandbox, in_double(body))
    assert report.verdict is Verdict.forbidden
    assert said(report).en.startswith("Line 3: ")
    assert english in said(report).en
    assert chinese in said(report).zh
    assert body in said(report).en


def test_a_forged_result_is_forbidden(sandbox: Sandbox) -> None:
    report = graded(sandbox, in_double("import os; os.write(4, b'zzzz')"))
    assert report.verdict is Verdict.forbidden
    assert "channel that its results travel on" in said(report).en
    assert "通道" in said(report).zh


def test_what_torch_asks_for_is_told() -> None:
    torch = "[enforce fail at alloc_cpu.cpp:126] . DefaultCPUAllocator: can't allocate memory: you tried to allocate "
    failed = Failure("RuntimeError", torch + "8589934592 bytes. Error code 12 (Cannot allocate memory)")
    message = refusals.too_much_memory(failed, 256, 3.0)
    assert message.en == "More memory was needed than the 256 MiB allowed. torch asked for 8,192 MiB."
    assert "torch 申请了 8,192 MiB" in message.zh


@pytest.mark.parametrize("ending", list(Ending))
@pytest.mark.parametrize("failed", [None, Failure("E", ""), Failure("E", "\x1b[31m" * 1000, "\u202e" * 9000, 3, 1)])
def test_every_ending_has_short_clean_words_in_both_languages(ending: Ending, failed: Failure | None) -> None:
    for message in (
        endings.about(Call(ending, failure=failed), code_question()),
        endings.about_load(Run(ending, failed), code_question()),
    ):
        assert CHINESE.search(message.zh) or ending is Ending.RAISED
        for text in (message.en, message.zh):
            assert 0 < len(text) < 5_000
            assert not {"\x1b", "\u202e"} & set(text)


def test_own_output_is_kept_by_case_and_cut_with_a_note_in_no_language(sandbox: Sandbox) -> None:
    report = graded(sandbox, in_double("print('x' * 70_000)", "return 3 * x"))
    assert report.verdict is Verdict.wrong_answer
    assert report.cases[0].stdout.endswith("x\n[… +4,465 B; max 65,536 B]")


def test_an_unknown_message_of_python_is_left_in_english() -> None:
    assert meaning_zh("a message of Python 3.19") is None
    assert meaning_zh("invalid syntax") == "语法错误"


def test_several_answers_show_the_nearest_as_what_is_due(sandbox: Sandbox) -> None:
    fields: dict[str, Any] = {
        "contract": {"answers": "any_of"},
        "reference": "import numpy as np\ndef double(x):\n    x = np.array(x)\n    return [2 * x, 3 * x]\n",
        "cases": "def cases(rng):\n    yield {'name': 'small', 'args': [[1.0]], 'hidden': False}\n",
    }
    assert graded(sandbox, "def double(x):\n    return [3.0]\n", **fields).verdict is Verdict.accepted
    report = graded(sandbox, "def double(x):\n    return [9.0]\n", **fields)
    assert report.verdict is Verdict.wrong_answer
    assert "Any of 2 answers is accepted" in said(report).en
    assert report.cases[0].expected_preview == f"array({np.array([2.0])}, dtype=float64, shape=(1,))"


def test_ties_are_judged_by_the_arguments_of_the_case(sandbox: Sandbox) -> None:
    fields: dict[str, Any] = {
        "contract": {"dtype": "int", "ties": {"argument": 0}},
        "reference": "def double(x):\n    return sorted(range(len(x)), key=lambda i: x[i])\n",
        "cases": "def cases(rng):\n    yield {'name': 'small', 'args': [[3, 1, 1]], 'hidden': False}\n",
    }
    assert graded(sandbox, "def double(x):\n    return [2, 1, 0]\n", **fields).verdict is Verdict.accepted
    assert graded(sandbox, "def double(x):\n    x[:] = [0, 0, 0]\n    return [0, 1, 2]\n", **fields).verdict is (
        Verdict.wrong_answer
    )
