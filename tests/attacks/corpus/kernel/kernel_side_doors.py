"""Reach for the kernel's large interfaces: bpf, perf, modules, machine check, namespaces of users, handles.

must: returned []
"""

from raw import passed

NAMES = (
    "bpf", "perf_event_open", "userfaultfd", "init_module", "finit_module", "delete_module", "kexec_load",
    "kexec_file_load", "acct", "quotactl", "personality", "lookup_dcookie", "ustat", "sysfs", "remap_file_pages",
    "adjtimex", "clock_adjtime", "get_mempolicy", "mbind", "statmount", "listmount", "lsm_list_modules", "mseal",
)  # fmt: skip


def f():
    return [name for name in NAMES if passed(name)]
