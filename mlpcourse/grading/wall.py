"""The wall: a submission's code runs in a bubblewrap sandbox and answers with raw numbers.

What it has: numpy, the standard library, one pipe in and one out, one process, and inputs. What it has not: network,
home, another submission, a place to write, the course. Limits hold on time, memory, processes, files and output.
As root, the sandbox is dropped to a real unprivileged user first: a user that is only mapped keeps root's reach.
``Wall`` says which protections stand; all of them do, except in the tests that take them out one by one.
"""

from __future__ import annotations

import ctypes
import functools
import json
import os
import queue
import select
import shutil
import signal
import site
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, NamedTuple

import numpy as np

from mlpcourse.grading import seccomp

RUNNER, ZYGOTE = PROGRAMS = [Path(__file__).with_name(name) for name in ("runner.py", "zygote.py")]
NOBODY = 65534
START = 20.0  # seconds in which a sandbox must be up
REPLY = 1 << 20  # bytes of one reply
PIDFD_SEND_SIGNAL = 424  # by number: conda's Python, built for old kernels, has no name for it
PARTS = AXES = 8

MiB = 1 << 20
LIMITS = {
    "AS": 1024 * MiB, "CPU": 60, "FSIZE": 0, "NPROC": 0, "NOFILE": 32, "CORE": 0, "MSGQUEUE": 0, "MEMLOCK": 0,
}  # fmt: skip


class WallError(Exception):
    """The sandbox itself does not work; the message says what to do about it."""


class Gone(Exception):
    """The sandboxed process has ended, or does not keep to the protocol. The message says which."""


class Late(Exception):
    """No reply in time."""


@dataclass(frozen=True)
class Wall:
    """The protections. sandbox: bubblewrap, else (``--unsafe``) a plain process. The rest are its parts."""

    sandbox: bool = True
    drop_root: bool = True
    empty_root: bool = True
    unshare: tuple[str, ...] = ("user", "pid", "net", "ipc", "uts", "cgroup")
    nested: bool = False
    filter_calls: bool = True
    limits: Mapping[str, int] = field(default_factory=lambda: dict(LIMITS))


def missing() -> str:
    """What this machine lacks for the wall, as a sentence that says what to do, or ""."""
    if sys.platform != "linux":
        return (
            "Grading runs submissions in a bubblewrap sandbox, which needs Linux. On macOS and Windows use a Linux "
            'container or virtual machine, for instance `docker run --privileged -it -v "$PWD":/course debian`, then '
            "`apt install bubblewrap python3-venv make` in it."
        )
    if shutil.which("bwrap") is None:
        return "bubblewrap is not installed: `apt install bubblewrap` (Debian, Ubuntu) or `dnf install bubblewrap`."
    try:
        Child().close()
    except WallError as problem:
        return str(problem)
    return ""


def _does_not_start(said: str) -> WallError:
    lines = said.strip().splitlines()
    return WallError(f"The sandbox does not start: {lines[-1] if lines else 'it does not say why.'}")


# --- what the sandbox sees ------------------------------------------------------------------------


def _python() -> Path:
    return Path(getattr(sys, "_base_executable", sys.executable)).resolve()


def _libraries() -> list[Path]:
    """numpy, and the shared libraries that its wheel brings along."""
    numpy = Path(np.__file__).resolve().parent
    return [numpy, *numpy.parent.glob("numpy.libs")]


@functools.cache
def _filesystem() -> list[str]:
    """The system, the interpreter and numpy, read-only; every other package and the course itself covered up."""
    usr, prefix = Path("/usr"), Path(sys.base_prefix).resolve()
    shown = [usr] if prefix.is_relative_to(usr) else [usr, prefix]
    course = Path(__file__).resolve().parents[2]
    packages = [Path(folder).resolve() for folder in site.getsitepackages([str(prefix)])]
    covered = [f for f in {course, *packages} if f.is_dir() and any(f.is_relative_to(folder) for folder in shown)]
    options = [*_made(Path("/dev/null")), *_made(Path("/tmp/it"))]
    for folder in shown:
        options += [*_made(folder), "--ro-bind", str(folder), str(folder)]
    for folder in sorted(covered):
        options += ["--size", str(MiB), "--tmpfs", str(folder)]
    for folder in _libraries():
        options += [*_made(folder), "--ro-bind", str(folder), str(folder)]
    for folder in covered:
        options += ["--remount-ro", str(folder)]
    for link in map(Path, ("/bin", "/lib", "/lib32", "/lib64")):
        if link.is_symlink():
            options += ["--symlink", os.readlink(link), str(link)]
        elif link.is_dir():
            options += ["--ro-bind", str(link), str(link)]
    return [*options, "--dev-bind", "/dev/null", "/dev/null"]


def _made(path: Path) -> list[str]:
    """Options that make the folders above ``path``, open to every user (bubblewrap's own would be closed)."""
    return [option for folder in reversed(path.parents[:-1]) for option in ("--dir", str(folder))]


def _files(wall: Wall) -> list[str]:
    return _filesystem() if wall.empty_root else ["--dev-bind", "/", "/"]


def _closed(wall: Wall) -> list[str]:
    return ["--remount-ro", "/"] if wall.empty_root else []


def inner(wall: Wall) -> list[str]:
    """The command that makes the sandbox of one submission, up to what is to run in it."""
    options = ["--die-with-parent", "--new-session", "--clearenv", "--chdir", "/"]
    options += [f"--unshare-{space}" for space in wall.unshare]
    options += ["--as-pid-1"] if "pid" in wall.unshare else []
    if "user" in wall.unshare:
        options += ["--cap-drop", "ALL"] + ([] if wall.nested else ["--disable-userns"])
    return [_bubblewrap(), *options, *_files(wall), *_closed(wall)]


def _outer(wall: Wall, programs: Sequence[int]) -> list[str]:
    """The command that leaves root for good, up to what is to run then. programs: open files with PROGRAMS in them."""
    options = ["--die-with-parent", "--unshare-pid", *_files(wall), "--proc", "/proc"]
    for file, program in zip(programs, PROGRAMS, strict=True):
        options += ["--perms", "0444", "--file", str(file), f"/{program.name}"] if wall.empty_root else []
    options += [option for name in ("SETUID", "SETGID", "SETPCAP") for option in ("--cap-add", f"CAP_{name}")]
    user = [f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "--bounding-set=-all", "--inh-caps=-all"]
    return [_bubblewrap(), *options, *_closed(wall), "--", "setpriv", *user, "--"]


def _bubblewrap() -> str:
    return shutil.which("bwrap") or "bwrap"


def _interpreter(program: Path) -> list[str]:
    return [str(_python()), "-I", "-S", "-B", str(program), str(_libraries()[0].parent)]


# --- starting it ----------------------------------------------------------------------------------


class Process(NamedTuple):
    """What runs one submission's answers: how to write to it, read from it, and end it with all around it."""

    written: IO[bytes]
    read: IO[bytes]
    end: Callable[[], None]


class Zygote:
    """The process whose forks enter the sandboxes (``zygote.py``). It ends with the thread that starts it."""

    def __init__(self, wall: Wall) -> None:
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._socket.settimeout(START)
        command, programs = _interpreter(ZYGOTE), []
        with theirs, ExitStack() as files:
            if wall.drop_root and os.geteuid() == 0:
                programs = [files.enter_context(_opened(program)) for program in PROGRAMS]
                inside = Path("/", ZYGOTE.name) if wall.empty_root else ZYGOTE
                command = [*_outer(wall, programs), *_interpreter(inside)]
            self._process = _popen(command, theirs.fileno(), subprocess.PIPE, programs)
        self._end = weakref.finalize(self, _end, self._process, self._socket)

    def process(self, wall: Wall) -> Process:
        """A process in a sandbox of its own. Raises WallError when there is none, Gone when the zygote has ended."""
        program = (seccomp.program() if wall.filter_calls else None) or b""
        request = json.dumps({"command": inner(wall), "filter": program.hex()}).encode()
        (asked, written), (read, answers), (waits, lifeline) = (os.pipe() for _ in range(3))
        os.write(lifeline, b".")
        said, pidfds = b"", list[int]()
        with suppress(OSError):
            socket.send_fds(self._socket, [request], [asked, answers, waits])
            said, pidfds, _, _ = socket.recv_fds(self._socket, REPLY, 1, socket.MSG_CMSG_CLOEXEC)
        for file in (asked, answers, waits, *(() if pidfds else (written, read, lifeline))):
            os.close(file)
        if pidfds:
            return Process(os.fdopen(written, "wb"), os.fdopen(read, "rb"), lambda: _end_sandbox(pidfds[0], lifeline))
        if said:
            raise _does_not_start(said.decode(errors="replace"))
        self._process.kill()
        assert self._process.stderr is not None
        os.set_blocking(self._process.stderr.fileno(), False)  # what a killed bubblewrap leaves may hold it
        reason = (self._process.stderr.read() or b"").decode(errors="replace")
        self._end()
        raise Gone(reason)


def _end(process: subprocess.Popen[bytes], *files: socket.socket) -> None:
    process.kill()
    with process:
        for file in files:
            file.close()


def _end_sandbox(pidfd: int, lifeline: int) -> None:
    """Kill its first process, with which every other ends, and wait until all have gone."""
    ctypes.CDLL(None).syscall(PIDFD_SEND_SIGNAL, pidfd, signal.SIGKILL, None, 0)
    gone = select.poll()
    gone.register(pidfd)
    gone.poll(1000 * START)
    os.close(pidfd)
    os.close(lifeline)


_zygotes = threading.local()  # by thread, since they end with theirs


def _start(wall: Wall) -> Process:
    if not wall.sandbox:
        process = _popen(_interpreter(RUNNER), subprocess.PIPE)
        assert process.stdin is not None
        assert process.stdout is not None
        return Process(process.stdin, process.stdout, lambda: _end(process))
    kept: dict[str, Zygote] = _zygotes.__dict__
    key = f"{wall.drop_root} {wall.empty_root}"
    for _ in range(2):  # one that was killed meanwhile is replaced
        zygote = kept.pop(key, None) or Zygote(wall)  # not kept when interrupted: its answer would be the next one's
        try:
            made = zygote.process(wall)
        except Gone as gone:
            said = str(gone)
        else:
            kept[key] = zygote
            return made
    raise _does_not_start(said)


def _popen(
    command: Sequence[str], stdin: int, stderr: int | None = None, keep: Sequence[int] = ()
) -> subprocess.Popen[bytes]:
    environment = {f"{library}_NUM_THREADS": "1" for library in ("OPENBLAS", "OMP", "MKL")}
    if "SYSTEMROOT" in os.environ:
        environment["SYSTEMROOT"] = os.environ["SYSTEMROOT"]
    try:
        return subprocess.Popen(
            command, stdin=stdin, stdout=subprocess.PIPE, stderr=stderr, env=environment, cwd=tempfile.gettempdir(),
            pass_fds=keep,
        )  # fmt: skip
    except OSError as error:
        raise WallError(f"The sandbox does not start: {error}") from None


@contextmanager
def _opened(program: Path) -> Iterator[int]:
    """The number of an open file that holds a copy: the program itself may lie where nobody can read it."""
    with tempfile.TemporaryFile() as file:
        file.write(program.read_bytes())
        file.seek(0)
        yield file.fileno()


# --- talking to it --------------------------------------------------------------------------------


class Child:
    """One sandboxed process. A context manager: the process does not outlive the block."""

    def __init__(self, wall: Wall = Wall()) -> None:
        self._number = 0
        self._process = _start(wall)
        self._asked: queue.SimpleQueue[tuple[bytes, int] | None] = queue.SimpleQueue()
        self._heard: queue.SimpleQueue[bytes | Gone] = queue.SimpleQueue()
        # A thread, because a process that neither reads nor writes must not hold up the one who waits for it.
        threading.Thread(target=self._talk, daemon=True).start()
        limits = wall.limits if sys.platform == "linux" else {}
        try:
            self.ask({"do": "bound", "limits": dict(limits)}, b"", START)
        except (Gone, Late):
            self.close()
            raise _does_not_start("") from None

    def __enter__(self) -> Child:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Kill the process, and with it everything in the sandbox."""
        self._asked.put(None)
        self._process.end()

    def ask(self, header: Mapping[str, Any], data: bytes, seconds: float) -> bytes:
        """The one reply to a request. Raises Late after ``seconds``, Gone when none can come."""
        self.tell(header, data)
        return self.hear(seconds)

    def tell(self, header: Mapping[str, Any], data: bytes, replies: int = 1) -> None:
        """Send a request, to be answered by so many replies, or fewer when one is no value."""
        self._number += 1
        payload = json.dumps(header).encode() + b"\n" + data
        self._asked.put((struct.pack(">II", self._number, len(payload)) + payload, replies))

    def hear(self, seconds: float) -> bytes:
        """The next reply. Raises Late after ``seconds``, Gone when none can come."""
        try:
            heard = self._heard.get(timeout=max(seconds, 0.0))
        except queue.Empty:
            raise Late from None
        if isinstance(heard, Gone):
            raise heard
        return heard

    def _talk(self) -> None:
        number = 0
        with suppress(OSError), self._process.written as written, self._process.read as read:
            while (asked := self._asked.get()) is not None:
                request, replies = asked
                number += 1
                try:
                    written.write(request)
                    written.flush()
                    for _ in range(replies):
                        reply = _frame(read, number)
                        self._heard.put(reply)
                        if not is_value(reply):
                            break
                except (OSError, ValueError) as error:
                    self._heard.put(Gone(str(error)))
                    return


def is_value(reply: bytes) -> bool:
    """Whether a reply says what a function gave, so that another may follow."""
    return reply[:1] in (b"V", b"O")


def _frame(stream: Any, number: int) -> bytes:
    head = stream.read(8)
    if len(head) != 8:
        raise ValueError("the process has ended")
    echoed, length = struct.unpack(">II", head)
    if echoed != number or not 1 <= length <= REPLY:
        raise ValueError("what came is not a reply to what was asked")
    body: bytes = stream.read(length)
    if len(body) != length:
        raise ValueError("the process has ended")
    return body
