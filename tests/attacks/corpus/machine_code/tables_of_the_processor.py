"""Change the processor's own tables: segments, port rights, thread areas.

must: returned []
"""

from raw import passed, room


def f():
    tried = {
        "modify_ldt": (1, room(16), 16),
        "iopl": (3,),
        "ioperm": (0, 1, 1),
        "set_thread_area": (room(16),),
        "arch_prctl": (0x1012, 0),
        "pkey_alloc": (0, 0),
        "map_shadow_stack": (0, 4096, 0),
        "personality": (0x0040000,),
    }
    return [name for name, args in tried.items() if passed(name, *args)]
