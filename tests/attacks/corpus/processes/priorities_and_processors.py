"""Take the processor from others: priorities, schedulers, processors, input and output classes.

must: returned []
"""

from raw import passed, room


def f(given):
    tried = {
        "setpriority": (0, 0, -20),
        "getpriority": (0, given["pid"]),
        "sched_setscheduler": (0, 1, room(4, b"\1")),
        "sched_setattr": (0, room(56), 0),
        "sched_setparam": (0, room(4)),
        "sched_setaffinity": (0, 8, room(8, b"\1")),
        "ioprio_set": (1, 0, 0x2000),
        "set_mempolicy": (0, 0, 0),
        "membarrier": (1, 0, 0),
    }
    return [name for name, args in tried.items() if passed(name, *args)]
