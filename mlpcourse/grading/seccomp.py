"""A filter of system calls for bubblewrap: nothing that starts a process, opens a socket or takes unmeasured memory.

Resource limits cover processes and files, but not System V shared memory, keys or message queues: those are refused
here. A call is refused with "operation not permitted", so numpy and Python go on. It is a list of what is forbidden,
not of what is allowed: the other protections do not rest on it.
"""

from __future__ import annotations

import platform
import struct

# Number on x86-64 and on arm64 (None: there is no such call).
_REFUSED: dict[str, tuple[int, int | None]] = {
    "clone": (56, 220), "clone3": (435, 435), "fork": (57, None), "vfork": (58, None),
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271), "pidfd_getfd": (438, 438),
    "socket": (41, 198), "socketpair": (53, 199), "io_uring_setup": (425, 425),
    "shmget": (29, 194), "msgget": (68, 186), "semget": (64, 190), "mq_open": (240, 180), "memfd_create": (319, 279),
    "add_key": (248, 217), "request_key": (249, 218), "keyctl": (250, 219),
    "unshare": (272, 97), "setns": (308, 268), "mount": (165, 40), "bpf": (321, 280),
    "perf_event_open": (298, 241), "userfaultfd": (323, 282), "inotify_init1": (294, 26), "fanotify_init": (300, 262),
}  # fmt: skip

_ARCHITECTURES = {"x86_64": (0xC000003E, 0), "aarch64": (0xC00000B7, 1)}  # AUDIT_ARCH_*, column above

_LOAD, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06  # BPF_LD|W|ABS, JMP|JEQ|K, JMP|JGE|K, RET|K
_ALLOW, _REFUSE, _KILL = 0x7FFF0000, 0x00050000 | 1, 0x80000000  # SECCOMP_RET_ALLOW, ERRNO | EPERM, KILL_PROCESS
_X32 = 0x40000000  # numbers from here on are a second way to make the same calls on x86-64


def program() -> bytes | None:
    """The filter as ``struct sock_filter[]``, or None on a machine it has no numbers for."""
    machine = _ARCHITECTURES.get(platform.machine())
    if machine is None:
        return None
    architecture, column = machine
    numbers = [entry[column] for entry in _REFUSED.values()]
    refused = [number for number in numbers if number is not None]
    lines: list[tuple[int, int, int, int]] = [
        (_LOAD, 0, 0, 4),
        (_EQUAL, 1, 0, architecture),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, 0),
        (_AT_LEAST, len(refused) + 1, 0, _X32),
    ]
    lines += [(_EQUAL, len(refused) - index, 0, number) for index, number in enumerate(refused)]
    lines += [(_RETURN, 0, 0, _ALLOW), (_RETURN, 0, 0, _REFUSE)]
    return b"".join(struct.pack("=HBBI", *line) for line in lines)
