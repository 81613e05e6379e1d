"""Trace another process, or ask to be traced.

must: returned []
"""

import os

from raw import passed


def f(given):
    # PTRACE_TRACEME, PTRACE_ATTACH, PTRACE_SEIZE, PTRACE_PEEKDATA
    tried = [(0, 0), *((request, pid) for request in (16, 0x4206, 2) for pid in (given["pid"], os.getppid()))]
    return [request for request, pid in tried if passed("ptrace", request, pid, 0, 0)]
