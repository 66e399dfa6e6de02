"""The sandbox: a submission is read and run inside it, and answers with raw numbers.

What is inside: numpy, the standard library, two pipes, one process, and inputs. What is not: network, home, another
submission, a place to write, the course. Limits hold on time, memory, processes, files and output. bubblewrap starts
one fork server for each worker (``forkserver.py``), and each submission runs in a fork of it.
As root, the sandbox is dropped to a real unprivileged user first: a user that is only mapped keeps root's reach.
``Sandbox`` says which protections stand; all of them do, except in the tests that take them out one by one.
"""

from __future__ import annotations

import functools
import json
import os
import queue
import shutil
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

PROGRAMS = [Path(__file__).with_name(name) for name in ("forkserver.py", "runner.py", "reading.py")]
FORKSERVER, RUNNER, _ = PROGRAMS
NOBODY = 65534
START = 20.0  # seconds in which a sandbox must be up
REPLY = 1 << 23  # bytes of one reply
REPLIES = 1 << 22  # bytes of all values of one answer
PARTS = AXES = 8

MiB = 1 << 20
LIMITS = {
    "AS": 1024 * MiB, "CPU": 60, "FSIZE": 0, "NPROC": 0, "NOFILE": 32, "CORE": 0, "MSGQUEUE": 0, "MEMLOCK": 0,
}  # fmt: skip


class SandboxError(Exception):
    """The sandbox itself does not work; the message says what to do about it."""


class ProcessEnded(Exception):
    """The sandboxed process has ended, or does not keep to the protocol. The message says which."""


class ReplyTimeout(Exception):
    """No reply in time."""


@dataclass(frozen=True)
class Sandbox:
    """The protections. sandbox: bubblewrap, else (``--unsafe``) a plain process. The rest are its parts."""

    sandbox: bool = True
    drop_root: bool = True
    empty_root: bool = True
    unshare: tuple[str, ...] = ("user", "pid", "net", "ipc", "uts", "cgroup")
    nested: bool = False
    filter_calls: bool = True
    limits: Mapping[str, int] = field(default_factory=lambda: dict(LIMITS))


def missing() -> str:
    """What this machine lacks for the sandbox, as a sentence that says what to do, or ""."""
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
    except SandboxError as problem:
        return str(problem)
    return ""


def _does_not_start(said: str) -> SandboxError:
    lines = said.strip().splitlines()
    return SandboxError(f"The sandbox does not start: {lines[-1] if lines else 'it does not say why.'}")


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
    # It says where libraries are outside the system's own folders: Python's, where it was built with a shared one.
    cache = Path("/etc/ld.so.cache")
    options += [*_made(cache), "--ro-bind-try", str(cache), str(cache)]
    return [*options, "--dev-bind", "/dev/null", "/dev/null"]


def _made(path: Path) -> list[str]:
    """Options that make the folders above ``path``, open to every user (bubblewrap's own would be closed)."""
    return [option for folder in reversed(path.parents[:-1]) for option in ("--dir", str(folder))]


def _files(sandbox: Sandbox) -> list[str]:
    return _filesystem() if sandbox.empty_root else ["--dev-bind", "/", "/"]


def _closed(sandbox: Sandbox) -> list[str]:
    return ["--remount-ro", "/"] if sandbox.empty_root else []


def _inner(sandbox: Sandbox, programs: Path) -> list[str]:
    """The command that makes the sandbox and starts the fork server in it. programs: the folder PROGRAMS lie in."""
    options = ["--die-with-parent", "--new-session", "--clearenv", "--chdir", "/"]
    options += [f"--unshare-{space}" for space in sandbox.unshare]
    options += ["--as-pid-1"] if "pid" in sandbox.unshare else []
    if "user" in sandbox.unshare:
        options += ["--cap-drop", "ALL"] + ([] if sandbox.nested else ["--disable-userns"])
    options += [option for library in _LIBRARIES for option in ("--setenv", f"{library}_NUM_THREADS", "1")]
    options += _files(sandbox)
    if sandbox.empty_root:
        options += [option for one in PROGRAMS for option in ("--ro-bind", str(programs / one.name), f"/{one.name}")]
        programs = Path("/")
    return [_bubblewrap(), *options, *_closed(sandbox), "--", *_interpreter(programs / FORKSERVER.name)]


_LIBRARIES = ("OPENBLAS", "OMP", "MKL")


def _outer(sandbox: Sandbox, programs: Sequence[int]) -> list[str]:
    """The command that leaves root for good, up to what is to run then. programs: open files with PROGRAMS in them."""
    options = ["--die-with-parent", "--unshare-pid", *_files(sandbox), "--proc", "/proc"]
    for file, program in zip(programs, PROGRAMS, strict=True):
        options += ["--perms", "0444", "--file", str(file), f"/{program.name}"] if sandbox.empty_root else []
    options += [option for name in ("SETUID", "SETGID", "SETPCAP") for option in ("--cap-add", f"CAP_{name}")]
    user = [f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "--bounding-set=-all", "--inh-caps=-all"]
    return [_bubblewrap(), *options, *_closed(sandbox), "--", "setpriv", *user, "--"]


def _bubblewrap() -> str:
    return shutil.which("bwrap") or "bwrap"


def _interpreter(program: Path) -> list[str]:
    return [str(_python()), "-I", "-S", "-B", str(program), str(_libraries()[0].parent)]


# --- starting it ----------------------------------------------------------------------------------


class Process(NamedTuple):
    """What runs one submission's answers: how to write to it, read from it, and end it.

    ``end`` kills it, waits until it is gone, and gives the seconds of processor time it took.
    """

    written: IO[bytes]
    read: IO[bytes]
    end: Callable[[], float]


class ForkServer:
    """A sandbox with the process in it that forks for each submission. It ends with the thread that starts it."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._socket.settimeout(START)
        with theirs, ExitStack() as files:
            if sandbox.drop_root and os.geteuid() == 0:
                programs = [files.enter_context(_opened(program)) for program in PROGRAMS]
                folder = Path("/") if sandbox.empty_root else FORKSERVER.parent
                command = [*_outer(sandbox, programs), *_inner(sandbox, folder)]
            else:
                programs, command = [], _inner(sandbox, FORKSERVER.parent)
            self._process = _popen(command, theirs.fileno(), subprocess.PIPE, programs)
        self._end = weakref.finalize(self, _end, self._process, self._socket)
        if self._asked(b"") != b"ready":
            self._process.kill()
            assert self._process.stderr is not None
            os.set_blocking(self._process.stderr.fileno(), False)  # what a killed bubblewrap leaves may hold it
            said = (self._process.stderr.read() or b"").decode(errors="replace")
            self._end()
            raise _does_not_start(said)

    def _asked(self, request: bytes, files: Sequence[int] = ()) -> bytes:
        """The answer to a request, b"" when there is none: then the fork server is not used again."""
        try:
            if request:
                socket.send_fds(self._socket, [request], files)
            return self._socket.recv(1 << 12)
        except OSError:
            return b""

    def fork(self) -> Process | None:
        """A process of its own for one submission, None when the fork server has ended."""
        program = (seccomp.program() if self.sandbox.filter_calls else None) or b""
        request = json.dumps({"limits": dict(self.sandbox.limits), "filter": program.hex()}).encode()
        (asked, written), (read, answers) = os.pipe(), os.pipe()
        pid = self._asked(request, [asked, answers])
        for file in (asked, answers, *(() if pid else (written, read))):
            os.close(file)
        if not pid:
            self._end()
            return None
        return Process(os.fdopen(written, "wb"), os.fdopen(read, "rb"), lambda: self._end_fork(int(pid)))

    def _end_fork(self, pid: int) -> float:
        took = self._asked(json.dumps({"end": pid}).encode())
        if not took:
            self._end()  # with it ends all that it has forked
        return float(took or 0)

    @property
    def alive(self) -> bool:
        """Whether it may be asked for another fork."""
        return self._end.alive


def _end(process: subprocess.Popen[bytes], *files: socket.socket) -> float:
    process.kill()
    with process:
        for file in files:
            file.close()
    return 0.0


_servers = threading.local()  # by thread, since they end with theirs


def _start(sandbox: Sandbox) -> Process:
    if not sandbox.sandbox:
        process = _popen(_interpreter(RUNNER), subprocess.PIPE)
        assert process.stdin is not None
        assert process.stdout is not None
        return Process(process.stdin, process.stdout, lambda: _end(process))
    kept: dict[str, ForkServer] = _servers.__dict__
    for _ in range(2):  # one that was killed meanwhile is replaced
        server = kept.pop(repr(sandbox), None)  # not kept when interrupted: its answer would be the next one's
        server = server if server is not None and server.alive else ForkServer(sandbox)
        made = server.fork()
        if made is not None:
            kept[repr(sandbox)] = server
            return made
    raise _does_not_start("the process that forks for each submission ends again and again")


def _popen(
    command: Sequence[str], stdin: int, stderr: int | None = None, keep: Sequence[int] = ()
) -> subprocess.Popen[bytes]:
    environment = {f"{library}_NUM_THREADS": "1" for library in _LIBRARIES}
    if "SYSTEMROOT" in os.environ:
        environment["SYSTEMROOT"] = os.environ["SYSTEMROOT"]
    try:
        return subprocess.Popen(
            command, stdin=stdin, stdout=subprocess.PIPE, stderr=stderr, env=environment, cwd=tempfile.gettempdir(),
            pass_fds=keep,
        )  # fmt: skip
    except OSError as error:
        raise SandboxError(f"The sandbox does not start: {error}") from None


@contextmanager
def _opened(program: Path) -> Iterator[int]:
    """The number of an open file that holds a copy: the program itself may lie where nobody can read it."""
    with tempfile.TemporaryFile() as file:
        file.write(program.read_bytes())
        file.seek(0)
        yield file.fileno()


# --- talking to it --------------------------------------------------------------------------------


class Child:
    """One process in a sandbox. A context manager: the process does not outlive the block."""

    def __init__(self, sandbox: Sandbox = Sandbox()) -> None:
        self._number = 0
        self._process = _start(sandbox)
        self._ended = False
        self.processor_time = 0.0  # seconds, known when it is closed
        self._requests: queue.SimpleQueue[tuple[bytes, int] | None] = queue.SimpleQueue()
        self._replies: queue.SimpleQueue[tuple[bytes, ...] | ProcessEnded] = queue.SimpleQueue()
        # A thread, because a process that neither reads nor writes must not hold up the one who waits for it.
        threading.Thread(target=self._talk, daemon=True).start()
        if not sandbox.sandbox and sys.platform == "linux":
            try:
                self.ask({"do": "limits", "limits": dict(sandbox.limits)}, b"", START)
            except (ProcessEnded, ReplyTimeout):
                self.close()
                raise _does_not_start("") from None

    def __enter__(self) -> Child:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Kill the process."""
        if not self._ended:
            self._ended = True
            self._requests.put(None)
            self.processor_time = self._process.end()

    def ask(self, header: Mapping[str, Any], data: bytes, seconds: float) -> bytes:
        """The one reply to a request. Raises ReplyTimeout after ``seconds``, ProcessEnded when none can come."""
        self.send(header, data)
        return self.receive(seconds)[0]

    def send(self, header: Mapping[str, Any], data: bytes, replies: int = 1) -> None:
        """Send a request, to be answered by so many replies, or fewer when one is no value."""
        self._number += 1
        payload = json.dumps(header).encode() + b"\n" + data
        self._requests.put((struct.pack(">II", self._number, len(payload)) + payload, replies))

    def receive(self, seconds: float) -> tuple[bytes, ...]:
        """The first reply to a request; when asked again and it goes on, all others at once.

        Raises ReplyTimeout after ``seconds``, ProcessEnded when none can come.
        """
        try:
            reply = self._replies.get(timeout=max(seconds, 0.0))
        except queue.Empty:
            raise ReplyTimeout from None
        if isinstance(reply, ProcessEnded):
            raise reply
        return reply

    def _talk(self) -> None:
        number = 0
        with suppress(OSError), self._process.written as written, self._process.read as read:
            while (wanted := self._requests.get()) is not None:
                request, replies = wanted
                number += 1
                try:
                    written.write(request)
                    written.flush()
                    reply = _frame(read, number)
                    self._replies.put((reply,))
                    others: list[bytes] = []
                    while goes_on(reply) and len(others) < replies - 1:
                        reply = _frame(read, number)
                        others.append(reply)
                        if sum(map(len, others)) > REPLIES:
                            raise ValueError("more came than an answer may send")
                    if others:
                        self._replies.put(tuple(others))
                except (OSError, ValueError) as error:
                    self._replies.put(ProcessEnded(str(error)))
                    return


def goes_on(reply: bytes) -> bool:
    """Whether another reply may follow: what was defined is told first, and each value that a function gives."""
    return reply[:1] in (b"V", b"O", b"S", b"D", b"F")


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
