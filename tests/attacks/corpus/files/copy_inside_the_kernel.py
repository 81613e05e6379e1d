"""Move bytes between descriptors without reading them: sendfile, splice, tee, vmsplice, copy_file_range.

must: returned []
"""

from raw import passed

CALLS = ("sendfile", "splice", "tee", "vmsplice", "copy_file_range", "pwrite64", "pwritev", "preadv2", "readahead")


def f():
    return [name for name in CALLS if passed(name, 1, 0, 0, 0, 0, 0)]
