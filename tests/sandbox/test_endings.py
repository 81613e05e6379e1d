from __future__ import annotations

import pytest

from app.sandbox import Ending


def test_infinite_loop_is_time_limit_and_says_how_long(call):
    ended = call("def f():\n    while True:\n        pass\n", cpu_s=0.3)
    assert ended.ending is Ending.TIME_LIMIT
    assert "0.3 s of processor time" in ended.failure.message
    assert ended.cpu_ms >= 300


def test_sleeping_is_time_limit_by_the_wall_clock(call):
    ended = call("import time\ndef f():\n    time.sleep(60)\n", wall_s=0.3)
    assert ended.ending is Ending.TIME_LIMIT
    assert "still running after 0.3 s" in ended.failure.message


def test_loop_while_loading_is_time_limit_of_the_load(run):
    ended = run("while True:\n    pass\n", load_s=0.3)
    assert ended.load is Ending.TIME_LIMIT
    assert ended.calls[0].ending is Ending.NOT_RUN


@pytest.mark.parametrize(
    "body",
    [
        "x = []\n    while True:\n        x.append(bytearray(1 << 20))",
        "import numpy as np\n    return np.ones(1 << 32)",
        "return 'x' * (1 << 31)",
        "import mmap\n    m = [mmap.mmap(-1, 1 << 26) for _ in range(64)]",
        "import ctypes\n    b = ctypes.create_string_buffer(1 << 30)",
    ],
)
def test_asking_for_too_much_memory_is_memory_limit(call, body):
    ended = call(f"def f():\n    {body}\n", memory_mib=128)
    if "mmap" in body:  # Python reports a refused mapping as an OSError
        assert ended.ending is Ending.RAISED
        assert "Cannot allocate memory" in ended.failure.message
    else:
        assert ended.ending is Ending.MEMORY_LIMIT
        assert ended.failure.message
    assert ended.peak_mib <= 140


def test_fork_bomb_is_forbidden(call):
    ended = call("import os\ndef f():\n    while True:\n        os.fork()\n")
    assert ended.ending is Ending.FORBIDDEN
    assert ended.failure.message == "starting processes is not allowed here"
    assert ended.failure.line == 4


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("def f():\n    return open('/etc/passwd').read()\n", "reading files"),
        ("def f():\n    open('/tmp/out', 'w')\n", "writing files"),
        ("import os\ndef f():\n    return os.listdir('/')\n", "listing folders"),
        ("import socket\ndef f():\n    socket.create_connection(('192.0.2.1', 80))\n", "network"),
        ("import urllib.request as u\ndef f():\n    u.urlopen('http://192.0.2.1')\n", "network"),
        ("import subprocess\ndef f():\n    subprocess.run(['true'])\n", "starting processes"),
        ("import threading\ndef f():\n    threading.Thread(target=print).start()\n", "starting threads"),
        (
            "from concurrent.futures import ThreadPoolExecutor as P\ndef f():\n    return list(P(2).map(abs, [1]))\n",
            "starting threads",
        ),
        ("import os\ndef f():\n    os.kill(os.getppid(), 9)\n", "sending signals"),
    ],
)
def test_what_is_refused_is_forbidden_by_name(call, source, said):
    ended = call(source)
    assert ended.ending is Ending.FORBIDDEN
    assert said in ended.failure.message


def test_forbidden_attempt_that_is_caught_does_not_count(call):
    ended = call("def f():\n    try:\n        open('/etc/passwd')\n    except OSError:\n        return 1\n")
    assert (ended.ending, ended.value) == (Ending.RETURNED, 1)


def test_os_exit_is_exited_with_its_status(run):
    ended = run("import os\ndef f():\n    os._exit(3)\n", (), ())
    assert [c.ending for c in ended.calls] == [Ending.EXITED, Ending.NOT_RUN]
    assert "status 3" in ended.calls[0].failure.message


def test_sys_exit_is_exited(call):
    assert call("import sys\ndef f():\n    sys.exit('bye')\n").ending is Ending.EXITED


def test_printing_without_end_is_output_limit_and_keeps_the_beginning(call):
    ended = call("def f():\n    while True:\n        print('tick')\n", stdout_bytes=1000)
    assert ended.ending is Ending.OUTPUT_LIMIT
    assert ended.stdout.startswith("tick\ntick\n")
    assert len(ended.stdout) < 1200


def test_printing_a_little_too_much_is_cut_with_a_note(call):
    ended = call("def f():\n    print('x' * 1500)\n    return 1\n", stdout_bytes=1000)
    assert (ended.ending, ended.value) == (Ending.RETURNED, 1)
    assert ended.stdout.endswith("x\n[… +501 B; max 1,000 B]")


def test_result_over_the_cap_is_output_limit(call):
    ended = call("import numpy as np\ndef f():\n    return np.zeros(200_000)\n", result_bytes=1 << 20)
    assert ended.ending is Ending.OUTPUT_LIMIT
    assert "1,600,000 bytes" in ended.failure.message
    assert "1,048,576" in ended.failure.message


def test_huge_broadcast_result_is_refused_before_it_is_built(call):
    ended = call("import numpy as np\ndef f():\n    return np.broadcast_to(1, (10**12,))\n")
    assert ended.ending is Ending.OUTPUT_LIMIT


def test_segfault_is_a_named_crash(call):
    ended = call("import ctypes\ndef f():\n    ctypes.string_at(0)\n")
    assert ended.ending is Ending.CRASHED
    assert ended.failure.type == "SIGSEGV"


def test_abort_is_a_named_crash(call):
    ended = call("import os\ndef f():\n    os.abort()\n")
    assert (ended.ending, ended.failure.type) == (Ending.CRASHED, "SIGABRT")


def test_syntax_error_has_line_column_and_caret(run):
    ended = run("def f(a):\n    return (a\n")
    assert ended.load is Ending.RAISED
    assert (ended.load_failure.type, ended.load_failure.line, ended.load_failure.column) == ("SyntaxError", 2, 12)
    assert "return (a\n" in ended.load_failure.traceback
    assert "^" in ended.load_failure.traceback


@pytest.mark.parametrize(
    ("source", "kind", "line", "column"),
    [
        ("def f():\n\tif 1:\n        return 2\n", "TabError", 3, 9),
        ("def f():\n    x = 1\n      y = 2\n", "IndentationError", 3, 7),
        ("x = '\0'", "SyntaxError", 1, 6),
        ("\n# é\nx = '\ud800'", "SyntaxError", 3, 6),
        ("x = " + "(" * 900, "SyntaxError", 1, 205),
        ("x = " + "-" * 60_000 + "1", "SyntaxError", None, None),
        ("x = 1\r\ny = [1 2]\r\n", "SyntaxError", 2, 6),
        ("x = 1\ry = [1 2]\r", "SyntaxError", 2, 6),
        ("x = 1\n\f\ny = [1 2]\n", "SyntaxError", 3, 6),
        ("x = 'a\u2028b\x0b'\ny = [1 2]\n", "SyntaxError", 2, 6),
        ("\ufeffy = [1 2]\n", "SyntaxError", 1, 6),
        ("\n" * 60_000 + "y = [1 2]", "SyntaxError", 60_001, 6),
        ("\n\nprint(f'{a b}')\n", "SyntaxError", 3, 10),
        ("x = (1,\n  2 3,\n  4)\n", "SyntaxError", 2, 3),
        ("return 3", "SyntaxError", 1, 1),
    ],
)
def test_source_that_cannot_be_compiled_is_placed(run, source, kind, line, column):
    ended = run(source)
    failure = ended.load_failure
    assert (ended.load, failure.type, failure.line, failure.column) == (Ending.RAISED, kind, line, column)
    assert ("^" in failure.traceback) is (line is not None)


def test_syntax_error_raised_by_a_running_program_is_no_compile_error(run):
    ended = run("eval('1 +')\n")
    assert (ended.load, ended.load_failure.type) == (Ending.RAISED, "SyntaxError")
    assert ended.load_failure.traceback.startswith("Traceback")
    ended = run("raise SyntaxError('x', ('solution.py', 'no line', 2, 'text'))\n")
    assert ended.load_failure.line == 1
    assert ended.load_failure.traceback.startswith("Traceback")


@pytest.mark.parametrize("source", ["\ufeffdef f():\n    return 1\n", "def f():\r\n    return 1\r\n"])
def test_byte_order_mark_and_windows_lines_are_accepted(call, source):
    assert call(source).value == 1


def test_missing_function_names_what_is_there(run):
    ended = run("def g():\n    pass\n")
    assert ended.load_failure.type == "MissingFunction"
    assert ended.load_failure.message == "solution.py does not define 'f'; it defines g"


def test_something_that_is_no_function_is_a_missing_function(run):
    ended = run("f = 3\n")
    assert (ended.load, ended.load_failure.type) == (Ending.RAISED, "MissingFunction")


def test_error_shows_the_learners_own_frames_only(call):
    source = "import numpy as np\ndef g(a):\n    return np.linalg.inv(a)\ndef f():\n    return g(np.zeros((2, 2)))\n"
    failure = call(source).failure
    assert failure.type == "LinAlgError"
    assert failure.message == "Singular matrix"
    assert failure.line == 3
    assert failure.traceback.count("File ") == failure.traceback.count('File "solution.py"') == 2
    assert "return np.linalg.inv(a)" in failure.traceback
    assert "^^^" in failure.traceback


def test_runaway_recursion_is_an_ordinary_error(call):
    ended = call("def f():\n    return f()\n")
    assert (ended.ending, ended.failure.type) == (Ending.RAISED, "RecursionError")
    assert len(ended.failure.traceback) < 2000
    assert "calls left out" in ended.failure.traceback


def test_recursion_of_two_functions_is_shortened_to_its_ends(call):
    source = "def f(n=0):\n    return g(n)\ndef g(n):\n    return f(n)\n"
    trace = call(source).failure.traceback
    assert trace.count("File ") == 8
    assert trace.index("in f") < trace.index("in g") < trace.index("calls left out") < trace.rindex("in ")


def test_exception_whose_message_raises_is_still_told(call):
    ended = call("class E(Exception):\n    def __str__(self):\n        raise ValueError\ndef f():\n    raise E\n")
    assert (ended.ending, ended.failure.type) == (Ending.RAISED, "E")


LYING = """
class M(type):
    @property
    def __name__(cls):
        raise SystemExit
class Word(str):
    def replace(self, *args):
        raise SystemExit
class E(Exception, metaclass=M):
    __traceback__ = property(lambda self: 1 / 0)
    __cause__ = property(lambda self: 1 / 0)
    def __str__(self):
        return Word("told")
def f():
    raise E
"""


def test_exception_that_lies_about_itself_is_still_told(call):
    ended = call(LYING)
    assert (ended.ending, ended.failure.type, ended.failure.message) == (Ending.RAISED, "E", "told")
    assert ended.failure.line == 15


@pytest.mark.parametrize(
    ("body", "kind", "line", "shown"),
    [
        ("try:\n        1 / 0\n    except ArithmeticError as e:\n        raise ValueError('x') from e", "ValueError", 6,
         ["direct cause", "in f\n    1 / 0", "ZeroDivisionError: division by zero", "ValueError: x"]),
        ("try:\n        {}[3]\n    except KeyError:\n        [][5]", "IndexError", 6,
         ["During handling", "KeyError: 3"]),
        ("raise ExceptionGroup('many', [ValueError(1), KeyError(2)])", "ExceptionGroup", 3,
         ["many (2", "ValueError: 1"]),
        ("return [(lambda v: 1 / v)(k) for k in (1, 0)]", "ZeroDivisionError", 3, ["in <lambda>", "in <listcomp>"]),
        ("e = ValueError('x'); e.add_note('a note'); raise e", "ValueError", 3, ["a note"]),
        ("return np.zeros(3) + np.zeros(4)", "ValueError", 3, ["operands could not be broadcast", "           ^^^^"]),
        ("return dict(\n        a=1,\n        b=1 / 0,\n    )", "ZeroDivisionError", 5, ["b=1 / 0,\n      ^^^^^"]),
        ("return {'数据': 1}['标签']", "KeyError", 3, ["return {'数据': 1}['标签']"]),
        ("'数据'; return [1][5]", "IndexError", 3, [" \u3000\u3000          ^^^^^^"]),
        ("import json; return json.loads('{')", "JSONDecodeError", 3, ["json.loads('{')"]),
    ],
)  # fmt: skip
def test_trace_shows_the_learners_lines_and_nothing_else(call, body, kind, line, shown):
    failure = call(f"import numpy as np\ndef f():\n    {body}\n").failure
    assert (failure.type, failure.line) == (kind, line)
    for piece in shown:
        assert piece in failure.traceback
    assert failure.traceback.count('File "') == failure.traceback.count('File "solution.py"')


def test_exception_class_of_the_learner_has_its_plain_name(call):
    failure = call("class TooBig(ValueError):\n    pass\ndef f():\n    raise TooBig('n = 3')\n").failure
    assert failure.type == "TooBig"
    assert failure.traceback.endswith("\nTooBig: n = 3\n")


@pytest.mark.parametrize("before", ["\ufeff", "\r\n", "\f\n", "x = 'a\u2028'\n", "# -*- coding: latin-1 -*-\n"])
def test_line_of_an_error_is_right_whatever_stands_before_it(call, before):
    failure = call(f"{before}def f():\n    é = 1 / 0\n").failure
    assert failure.line == (2 if before == "\ufeff" else 3)
    assert "é = 1 / 0\n        ^^^^^" in failure.traceback
    assert failure.column == 9


def test_a_raised_call_does_not_stop_the_next(run):
    ended = run("def f(n):\n    return 1 / n\n", (0,), (2,))
    assert [c.ending for c in ended.calls] == [Ending.RAISED, Ending.RETURNED]
    assert ended.calls[1].value == 0.5


def test_control_characters_are_shown_and_not_obeyed(call):
    ended = call("def f():\n    print('\\x1b[31mred')\n    raise ValueError('\\x1b]0;title\\x07')\n")
    assert ended.stdout == "␛[31mred\n"
    assert ended.failure.message == "␛]0;title␇"


def test_output_is_kept_apart_by_call_and_comes_from_every_layer(run):
    ended = run(
        "import os, sys\nprint('load')\n"
        "def f(n):\n    print(n)\n    sys.stderr.write('e\\n')\n    os.write(1, b'raw\\n')\n",
        (1,),
        (2,),
    )
    assert ended.load_stdout == "load\n"
    assert [c.stdout for c in ended.calls] == ["1\ne\nraw\n", "2\ne\nraw\n"]


def test_output_before_a_time_limit_is_kept(call):
    ended = call("def f():\n    print('here')\n    while True:\n        pass\n", cpu_s=0.2)
    assert (ended.ending, ended.stdout) == (Ending.TIME_LIMIT, "here\n")


@pytest.mark.parametrize(
    "body",
    [
        "def __str__(self):\n        raise KeyboardInterrupt",
        "def __str__(self):\n        raise SystemExit",
        "def __str__(self):\n        return 3",
    ],
)
def test_exception_whose_message_cannot_be_made_is_raised_like_any_other(call, body):
    ended = call(f"class OwnError(Exception):\n    {body}\ndef f():\n    raise OwnError\n")
    assert ended.ending is Ending.RAISED
    assert ended.failure.type == "OwnError"
    assert "could not be read" in ended.failure.message
    assert ended.failure.line == 5


def test_syntax_error_that_code_raises_with_a_place_that_is_none_is_no_forgery(call):
    ended = call("def f():\n    raise SyntaxError('made up', ('solution.py', 'three', 10**99, 'text'))\n")
    assert ended.ending is Ending.RAISED
    assert (ended.failure.line, ended.failure.column) == (2, 5)  # where it was raised, not where it says


def test_name_of_an_exception_is_what_it_is_called_not_what_its_type_says(call):
    source = (
        "class M(type):\n    __name__ = property(lambda cls: 3)\nclass OwnError(Exception, metaclass=M):\n    pass\n"
    )
    ended = call(source + "def f():\n    raise OwnError('told')\n")
    assert (ended.ending, ended.failure.type, ended.failure.message) == (Ending.RAISED, "OwnError", "told")
