"""Have text read as data by parsers that recurse: literals, JSON, pickle.

must: returned ['SyntaxError', 'RecursionError', 'RecursionError']
must: returned ['MemoryError', 'RecursionError', 'RecursionError']
"""

import ast
import json
import pickle


def f():
    told = []
    for attempt in (
        lambda: ast.literal_eval("[" * 100_000 + "]" * 100_000),
        lambda: json.loads("[" * 100_000 + "]" * 100_000),
        lambda: pickle.dumps(json.loads("[" * 900 + "]" * 900)) and repr(nest(100_000)),
    ):
        try:
            attempt()
            told.append("done")
        except (MemoryError, RecursionError, SyntaxError) as error:
            told.append(type(error).__name__)
    return told


def nest(depth):
    value = KEPT
    for _ in range(depth):
        value = [value]
        ALL.append(value)
    return value


KEPT, ALL = [], []
