"""Use the futexes with priorities and those that processes share, where the kernel had its worst errors.

must: returned []
"""

from raw import passed, room

# FUTEX_FD, LOCK_PI, UNLOCK_PI, TRYLOCK_PI, WAIT_REQUEUE_PI, CMP_REQUEUE_PI, LOCK_PI2: alone, and private
PRIORITIES = (2, 6, 7, 8, 11, 12, 13)
SHARED = (0, 1, 3, 5, 9, 10)


def f():
    word = room(64)
    # An operation that would wait gets a value that is not there, and comes back at once.
    tried = [*PRIORITIES, *(128 | operation for operation in PRIORITIES), *SHARED]
    through = [operation for operation in tried if passed("futex", word, operation, 77, 0, word, 0)]
    return through + [name for name in ("futex_waitv", "futex_wait", "futex_wake", "futex_requeue") if passed(name)]
