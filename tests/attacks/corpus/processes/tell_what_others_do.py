"""Find out which processes there are and how much processor time they take, without opening a file.

must: returned []
"""

from raw import passed, room


def f(given):
    pid = given["pid"]
    processor_clock = (~pid << 3) | 2
    tried = {
        "clock_gettime": (processor_clock, room(16)),
        "clock_getres": (processor_clock, room(16)),
        "clock_nanosleep": (processor_clock, 0, room(16), 0),
        "getsid": (pid,),
        "getpgid": (pid,),
        "sched_getaffinity": (pid, 128, room(128)),
        "sched_getscheduler": (pid,),
        "sched_rr_get_interval": (pid, room(16)),
        "getpriority": (0, pid),
        "ioprio_get": (1, pid),
        "prlimit64": (pid, 0, 0, room(16)),
        "kill": (pid, 0),
        "sysinfo": (room(128),),
    }
    return [name for name, args in tried.items() if passed(name, *args)]
