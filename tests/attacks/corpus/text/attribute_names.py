"""Raise the errors whose messages repeat hostile names: attributes, keys, names, keywords.

graded: runtime_error
"""


def f(given):
    mark = "\x1b[31m\u202e\x00\u2028"
    try:
        getattr(f, mark)
    except AttributeError:
        try:
            f(**{mark: 1})
        except TypeError:
            return {}[mark]
