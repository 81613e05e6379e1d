"""In Chinese, what Python's own messages on source it can't compile mean; the English stands beside it.

Python words them for people who read English. These are the ones that beginners meet, and those that a Chinese keyboard
brings forth.
"""

from __future__ import annotations

import re

_MEANINGS: tuple[tuple[str, str], ...] = (
    (r"expected ':'", "这里缺少冒号"),
    (r"'(.)' was never closed", r"括号 {0} 没有配对的右括号"),
    (r"unmatched '(.)'", r"多了一个右括号 {0}"),
    (
        r"closing parenthesis '(.)' does not match opening parenthesis '(.)'(?: on line (\d+))?",
        r"右括号 {0} 与左括号 {1} 不匹配",
    ),
    (r"unexpected indent", "缩进多了"),
    (r"expected an indented block after (.+) on line (\d+)", r"第 {1} 行之后需要缩进的代码块"),
    (r"unindent does not match any outer indentation level", "缩进与前面任何一层都对不上"),
    (r"inconsistent use of tabs and spaces in indentation", "缩进混用了制表符和空格"),
    (r"unterminated string literal.*", "字符串缺少结尾的引号"),
    (r"unterminated triple-quoted string literal.*", "三引号字符串没有结尾"),
    (r"unterminated f-string literal.*", "f-string 缺少结尾的引号"),
    (r"(?:f-string: )?invalid syntax\. Perhaps you forgot a comma\?", "语法错误，可能漏了逗号"),
    (r"invalid syntax\. Maybe you meant '==' or ':=' instead of '='\?", "语法错误，这里的 = 是不是应为 == ？"),
    (r"cannot assign to .+ here\. Maybe you meant '==' instead of '='\?", "不能给它赋值，是不是应写 == ？"),
    (r"cannot assign to .+", "不能给它赋值"),
    (r"invalid character '(.)' \(U\+[0-9A-F]+\)", r"字符“{0}”不能用在代码里，请用英文（半角）符号"),
    (r"invalid non-printable character U\+3000", "这里有一个全角空格，请换成普通空格"),
    (r"invalid non-printable character (U\+[0-9A-F]+)", r"这里有一个看不见的字符 {0}，请删掉"),
    (r"invalid character: half of a surrogate pair \(U\+[0-9A-F]+\)", "这里有半个字符（残缺的代理对），请删掉"),
    (r"source code string cannot contain null bytes", "代码里有空字符（NUL），请删掉"),
    (r"Missing parentheses in call to 'print'\..*", "print 后面要加括号"),
    (r"'return' outside function", "return 只能写在函数里"),
    (r"'(break|continue)' (?:outside|not properly in) loop", r"{0} 只能写在循环里"),
    (r"'(await|yield)' outside (?:async )?function", r"{0} 只能写在函数里"),
    (r"expected 'except' or 'finally' block", "try 之后需要 except 或 finally"),
    (r"f-string: expecting '}'", "f-string 里缺少右花括号"),
    (r"f-string: empty expression not allowed", "f-string 的花括号里没有表达式"),
    (r"f-string: .+", "f-string 里有错"),
    (r"invalid decimal literal", "数字写法不对，名字也不能以数字开头"),
    (r"leading zeros in decimal integer literals are not permitted.*", "整数不能以 0 开头"),
    (r"unexpected EOF while parsing", "代码在这里意外结束，是不是没写完？"),
    (r"unexpected character after line continuation character", "反斜杠后面不能再有内容"),
    (r"positional argument follows keyword argument.*", "位置参数要写在关键字参数前面"),
    (r"too many nested parentheses", "括号嵌套得太深"),
    (r"too large or too deeply nested to compile", "代码太大或嵌套太深，无法编译"),
    (r"invalid syntax", "语法错误"),
)
_TABLE = tuple((re.compile(message), meaning) for message, meaning in _MEANINGS)


def meaning_zh(message: str) -> str | None:
    """What `message` means, if it is a known one."""
    for known, meaning in _TABLE:
        if found := known.fullmatch(message):
            return meaning.format(*found.groups())
    return None
