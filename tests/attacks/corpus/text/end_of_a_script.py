"""Print and return what ends a script or an attribute of a page.

graded: wrong_answer
"""


def f(given):
    words = "</script><script>alert(1)</script>\"'><img src=x onerror=alert(1)><!--${7*7}{{7*7}}{%x%}"
    print(words)
    return words
