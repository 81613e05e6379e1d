"""Compile and load an extension written in C++.

lib: torch
must: forbidden | raised
"""


def f():
    from torch.utils.cpp_extension import load_inline

    return load_inline("left", "int left() { return 1; }", functions=["left"])
