"""The system calls that a submission's process may make, as a filter for the kernel: a list of what is allowed.

It computes, reads files and answers; that takes few calls. None of them starts a process or a thread, sends a signal,
opens a socket, locks a file, watches one, or shares memory. Every other call is refused with "operation not permitted",
so that Python and numpy go on.
"""

from __future__ import annotations

import platform
import struct

# Number on x86-64 and on arm64 (None: there is no such call).
_ALLOWED: dict[str, tuple[int | None, int | None]] = {
    # files, to read them and to answer
    "read": (0, 63), "write": (1, 64), "readv": (19, 65), "writev": (20, 66), "pread64": (17, 67), "close": (3, 57),
    "open": (2, None), "openat": (257, 56), "lseek": (8, 62), "getdents64": (217, 61), "stat": (4, None),
    "fstat": (5, 80), "lstat": (6, None), "newfstatat": (262, 79), "statx": (332, 291), "access": (21, None),
    "faccessat": (269, 48), "faccessat2": (439, 439), "readlink": (89, None), "readlinkat": (267, 78),
    "getcwd": (79, 17), "dup": (32, 23), "dup2": (33, None), "dup3": (292, 24), "poll": (7, None), "ppoll": (271, 73),
    "select": (23, None), "pselect6": (270, 72),
    # its own memory
    "mmap": (9, 222), "mprotect": (10, 226), "munmap": (11, 215), "mremap": (25, 216), "brk": (12, 214),
    "madvise": (28, 233), "futex": (202, 98),
    # the time
    "clock_gettime": (228, 113), "clock_getres": (229, 114), "gettimeofday": (96, 169), "time": (201, None),
    "nanosleep": (35, 101), "clock_nanosleep": (230, 115), "restart_syscall": (219, 128), "times": (100, 153),
    "getrusage": (98, 165), "sched_yield": (24, 124),
    # itself
    "rt_sigaction": (13, 134), "rt_sigprocmask": (14, 135), "rt_sigreturn": (15, 139), "sigaltstack": (131, 132),
    "getpid": (39, 172), "gettid": (186, 178), "getppid": (110, 173), "getuid": (102, 174), "geteuid": (107, 175),
    "getgid": (104, 176), "getegid": (108, 177), "uname": (63, 160), "getrandom": (318, 278),
    "exit": (60, 93), "exit_group": (231, 94),
}  # fmt: skip

# Calls that are allowed with these values of one argument only: its place, the values.
_ALLOWED_WITH: dict[str, tuple[tuple[int, int], int, tuple[int, ...]]] = {
    "fcntl": ((72, 25), 1, (0, 1, 2, 3, 1030)),  # F_DUPFD, F_GETFD, F_SETFD, F_GETFL, F_DUPFD_CLOEXEC: no locks
    "prlimit64": ((302, 261), 0, (0,)),  # its own limits, not another process's
    "sched_getaffinity": ((204, 123), 0, (0,)),
}

_ARCHITECTURES = {"x86_64": (0xC000003E, 0), "aarch64": (0xC00000B7, 1)}  # AUDIT_ARCH_*, column above

_LOAD, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06  # BPF_LD|W|ABS, JMP|JEQ|K, JMP|JGE|K, RET|K
_ALLOW, _REFUSE, _KILL = 0x7FFF0000, 0x00050000 | 1, 0x80000000  # SECCOMP_RET_ALLOW, ERRNO | EPERM, KILL_PROCESS
_X32 = 0x40000000  # numbers from here on are a second way to make the same calls on x86-64
_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16  # offsets in struct seccomp_data


def program() -> bytes | None:
    """The filter as ``struct sock_filter[]``, or None on a machine it has no numbers for."""
    machine = _ARCHITECTURES.get(platform.machine())
    if machine is None:
        return None
    architecture, column = machine
    lines: list[tuple[int, int, int, int]] = [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_EQUAL, 1, 0, architecture),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _NUMBER),
        (_AT_LEAST, 0, 1, _X32),
        (_RETURN, 0, 0, _REFUSE),
    ]
    for entry in _ALLOWED.values():
        number = entry[column]
        if number is not None:
            lines += [(_EQUAL, 0, 1, number), (_RETURN, 0, 0, _ALLOW)]
    for numbers, place, values in _ALLOWED_WITH.values():
        allowed = [line for value in values for line in ((_EQUAL, 0, 1, value), (_RETURN, 0, 0, _ALLOW))]
        block = [(_LOAD, 0, 0, _ARGUMENTS + 8 * place), *allowed, (_RETURN, 0, 0, _REFUSE)]
        lines += [(_EQUAL, 0, len(block), numbers[column]), *block]
    lines.append((_RETURN, 0, 0, _REFUSE))
    return b"".join(struct.pack("=HBBI", *line) for line in lines)
