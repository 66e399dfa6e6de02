"""The one process of a sandbox that stays: it has imported numpy, never sees a submission, and forks for each one.

bubblewrap starts it inside the sandbox, so that every fork is inside already. A fork gets two pipes of its own from the
grader, takes its limits and the filter of system calls for good, and only then listens (``runner.py``). It can write
nowhere, reach no other process and share no open file: nothing passes from one submission to the next.

Usage: python -I -S forkserver.py FOLDER_THAT_HOLDS_NUMPY, with a socket as standard input. A request is a line of JSON:
{"limits": ..., "filter": hex} with two open files, what the fork reads and what it writes, is answered by the fork's
process id; {"end": process id} by the processor time that it took, in seconds, once it is dead.
"""

import ctypes
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
FILES = 64  # open files of this process: few, so that a fork has few to close
PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS, SECCOMP_MODE_FILTER = 22, 38, 2

_libc = ctypes.CDLL(None, use_errno=True)


def prctl(option: int, *arguments: Any) -> None:
    if _libc.prctl(option, *arguments, *[0] * (4 - len(arguments))) < 0:
        raise OSError(ctypes.get_errno(), "prctl failed")


def become_runner(files: list[int], limits: dict[str, int], program: bytes) -> NoReturn:
    """Be the process of one submission."""
    os.setsid()
    for number, file in enumerate(files):
        os.dup2(file, number)
    os.dup2(os.open(os.devnull, os.O_RDWR), 2)  # its own: what the fork server has open would be shared by all
    os.closerange(3, FILES)
    runner.set_limits(limits)
    prctl(PR_SET_NO_NEW_PRIVS, 1)
    if program:
        lines = ctypes.create_string_buffer(program, len(program))
        described = ctypes.create_string_buffer(struct.pack("HP", len(program) // 8, ctypes.addressof(lines)))
        prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, described)
    runner.main()
    raise AssertionError("the runner ends by itself")


def main() -> None:
    asked = socket.socket(fileno=0)
    runner.set_limits({"NOFILE": FILES})
    runner.warm_up()
    gc.collect()
    gc.freeze()
    asked.send(b"ready")
    while True:
        message, files, _, _ = socket.recv_fds(asked, MESSAGE, 2)
        if not message:
            return
        request = json.loads(message)
        if "end" in request:
            os.kill(request["end"], signal.SIGKILL)
            _, _, usage = os.wait4(request["end"], 0)
            asked.send(f"{usage.ru_utime + usage.ru_stime}".encode())
            continue
        pid = os.fork()
        if pid == 0:
            try:
                become_runner(files, request["limits"], bytes.fromhex(request["filter"]))
            finally:
                os._exit(1)
        for file in files:
            os.close(file)
        asked.send(str(pid).encode())


if __name__ == "__main__":
    main()
