"""Puts a process that has imported numpy already into each fresh sandbox: the import would take most of its time.

bubblewrap makes a sandbox around ``cat``, which only waits for the grader to go. A fork of this process, which has
never seen a submission, enters all its namespaces, gives up every capability for good, and answers from there
(``runner.py``). It ends up with what a program has that bubblewrap starts itself, and no more: a test compares them.

Usage: python -I -S zygote.py FOLDER_THAT_HOLDS_NUMPY, with a socket as standard input. A request is a line of JSON with
three open files: what the process reads, what it writes, and what ``cat`` reads, with one byte in it. The answer is a
zero byte with a pidfd of the sandbox's first process, with which everything in it ends, or what went wrong.
"""

import ctypes
import fcntl
import gc
import importlib
import json
import os
import signal
import socket
import struct
import sys
from pathlib import Path
from typing import Any, NoReturn

sys.path.insert(0, str(Path(__file__).parent))
runner: Any = importlib.import_module("runner")  # beside this file, or alone with it in a sandbox: in no package
sys.path.pop(0)

MESSAGE = 1 << 16  # bytes of a request
SPACES = ("mnt", "net", "ipc", "uts", "cgroup", "pid")
NS_GET_PARENT = 0xB702
PR_SET_PDEATHSIG, PR_SET_SECCOMP, PR_CAPBSET_DROP, PR_SET_CHILD_SUBREAPER, PR_SET_NO_NEW_PRIVS = 1, 22, 24, 36, 38
SECCOMP_MODE_FILTER, CAPABILITY_VERSION_3 = 2, 0x20080522
PIDFD_OPEN = 434  # by number: conda's Python, built for old kernels, has no name for it

LAST_CAPABILITY = int(Path("/proc/sys/kernel/cap_last_cap").read_text())

_libc = ctypes.CDLL(None, use_errno=True)


def called(name: str, *arguments: Any) -> int:
    """What a function of the C library gives. Raises OSError when it fails."""
    given: int = getattr(_libc, name)(*arguments)
    if given < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")
    return given


def sandbox(command: list[str], lifeline: int) -> int:
    """Start ``cat`` in a sandbox and wait until it runs; its process id. Raises OSError with what bubblewrap says."""
    (said, says), (wrong, complains), (info, tells) = (os.pipe() for _ in range(3))
    ends = [lifeline, says, complains, tells]  # numbers above 3: those up to it are taken
    try:
        os.posix_spawn(
            command[0], [*command, "--info-fd", "3", "--", "cat"], os.environ,
            file_actions=[(os.POSIX_SPAWN_DUP2, end, number) for number, end in enumerate(ends)],
            setsigdef=[signal.SIGCHLD, signal.SIGPIPE, signal.SIGXFSZ],
        )  # fmt: skip
    finally:
        for end in ends[1:]:
            os.close(end)
    with open(said) as cat, open(wrong, errors="replace") as complaint, open(info, "rb", 0) as place:
        if not cat.read(1):
            raise OSError(complaint.read().strip() or "bubblewrap does not say why")
        pid: int = json.loads(place.read(MESSAGE))["child-pid"]
    return pid


def opened(space: str, pid: int | str) -> int:
    return os.open(f"/proc/{pid}/ns/{space}", os.O_RDONLY)


def enter(pid: int) -> None:
    """Join each namespace of a process that is not ours already; first the outermost user's, who owns the others."""
    users, own = [opened("user", pid)], opened("user", "self")
    while not os.path.sameopenfile(users[-1], own):
        users.append(fcntl.ioctl(users[-1], NS_GET_PARENT))
    users.pop()
    others = [there for space in SPACES if not os.path.sameopenfile(there := opened(space, pid), opened(space, "self"))]
    for space in [*users[-1:], *others, *reversed(users[:-1])]:
        called("setns", space, 0)


def give_up_capabilities() -> None:
    for capability in range(LAST_CAPABILITY + 1):
        called("prctl", PR_CAPBSET_DROP, capability, 0, 0, 0)
    called("capset", (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0), (ctypes.c_uint32 * 6)())
    called("prctl", PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)


def answer(talk: list[int], program: bytes) -> NoReturn:
    """Be the sandboxed process."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.setsid()
    for number, file in enumerate(talk):
        os.dup2(file, number)
    if program:
        lines = ctypes.create_string_buffer(program, len(program))
        described = ctypes.create_string_buffer(struct.pack("HP", len(program) // 8, ctypes.addressof(lines)))
        called("prctl", PR_SET_SECCOMP, SECCOMP_MODE_FILTER, described, 0, 0)
    os.closerange(3, os.sysconf("SC_OPEN_MAX"))
    runner.main()
    raise AssertionError("the runner ends by itself")


def move_in(pid: int, talk: list[int], program: bytes) -> None:
    """Fork the process that answers. A fork lies between: who joins a space of processes is not in it, but his child.

    Raises OSError with what went wrong.
    """
    read, write = os.pipe()
    if os.fork() == 0:
        try:
            enter(pid)
            give_up_capabilities()
            if os.fork() == 0:
                answer(talk, program)
        except BaseException as error:
            os.write(write, f"{type(error).__name__}: {error}".encode())
        finally:
            os._exit(0)
    os.close(write)
    with open(read) as said:
        if wrong := said.read():
            raise OSError(wrong)


def main() -> None:
    called("prctl", PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    called("prctl", PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    # The kernel itself lets go of what has ended: a sandbox has not ended as long as one of its processes is kept, and
    # a handler that runs just before this process waits for the next request is not heard of until that comes.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    asked = socket.socket(fileno=0)
    gc.freeze()
    while True:
        message, files, _, _ = socket.recv_fds(asked, MESSAGE, 3, socket.MSG_CMSG_CLOEXEC)
        if not message:
            return
        for file in files:
            os.set_inheritable(file, False)  # Python 3.11 takes no notice of the flag that says so
        request = json.loads(message)
        try:
            pid = sandbox(request["command"], files[2])
            files.append(called("syscall", PIDFD_OPEN, pid, 0))
            move_in(pid, files[:2], bytes.fromhex(request["filter"]))
            socket.send_fds(asked, [b"\0"], files[3:])
        except OSError as error:
            asked.send(str(error).encode())
        for file in files:
            os.close(file)


if __name__ == "__main__":
    main()
