"""The wall: a submission's code runs in a bubblewrap sandbox and answers with raw numbers.

What it has: numpy, the standard library, one pipe in and one out, one process, and inputs. What it has not: network,
home, other processes, a place to write, the course. Limits hold on time, memory, processes, files and output.
As root, the sandbox is dropped to a real unprivileged user first: a user that is only mapped keeps root's reach.
``Wall`` says which protections stand; all of them do, except in the tests that take them out one by one.
"""

from __future__ import annotations

import functools
import importlib.util
import json
import marshal
import os
import queue
import shutil
import site
import struct
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from mlpcourse.grading import seccomp

RUNNER = Path(__file__).with_name("runner.py")
NOBODY = 65534
START = 20.0  # seconds in which a sandbox must be up
REPLY = 1 << 20  # bytes of one reply
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
        with _start(Wall(), ["-c", "pass"]) as started:
            _, error = started.communicate()
    except WallError as problem:
        return str(problem)
    return _does_not_start(error) if started.returncode else ""


def _does_not_start(error: bytes) -> str:
    lines = error.decode(errors="replace").strip().splitlines()
    return f"The sandbox does not start: {lines[-1] if lines else 'it does not say why.'}"


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


def _environment() -> list[str]:
    threads = [f"{library}_NUM_THREADS" for library in ("OPENBLAS", "OMP", "MKL")]
    return [option for name in threads for option in ("--setenv", name, "1")]


def command(wall: Wall, run: Sequence[str], filter_fd: int | None, runner_fd: int) -> list[str]:
    """The sandbox's command line. As root there are two: an outer one to leave root in, and the wall itself.

    run: options for Python, if it is not to run the runner. filter_fd, runner_fd: open files that hold both programs.
    """
    files = _filesystem() if wall.empty_root else ["--dev-bind", "/", "/"]
    script = "/runner.pyc" if wall.empty_root else str(RUNNER)
    runner = ["--perms", "0444", "--file", str(runner_fd), script] if wall.empty_root else []
    inner = ["bwrap", "--die-with-parent", "--new-session", "--clearenv", *_environment(), "--chdir", "/"]
    inner += [f"--unshare-{space}" for space in wall.unshare]
    if "user" in wall.unshare:
        inner += ["--cap-drop", "ALL"] + ([] if wall.nested else ["--disable-userns"])
    if filter_fd is not None:
        inner += ["--seccomp", str(filter_fd)]
    outer: list[str] = []
    if wall.drop_root and os.geteuid() == 0:
        outer = ["bwrap", "--die-with-parent", "--unshare-pid", *files, *runner, "--proc", "/proc", "--remount-ro", "/"]
        outer += [option for name in ("SETUID", "SETGID", "SETPCAP") for option in ("--cap-add", f"CAP_{name}")]
        user = [f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "--bounding-set=-all", "--inh-caps=-all"]
        outer += ["--", "setpriv", *user, "--"]
        runner = ["--ro-bind", script, script] if wall.empty_root else []
    inner += [*files, *runner, *(["--remount-ro", "/"] if wall.empty_root else [])]
    return [*outer, *inner, "--", *_interpreter(run or _runner(script))]


def _interpreter(run: Sequence[str]) -> list[str]:
    return [str(_python()), "-I", "-S", "-B", *run]


@functools.cache
def _compiled() -> bytes:
    """The runner as a .pyc file holds it, so that not every sandbox compiles it anew."""
    code = compile(RUNNER.read_bytes(), "/runner.py", "exec", dont_inherit=True)
    return importlib.util.MAGIC_NUMBER + bytes(12) + marshal.dumps(code)


def _runner(script: str) -> list[str]:
    return [script, str(_libraries()[0].parent)]


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
            self._process.kill()
            assert self._process.stderr is not None
            said = self._process.stderr.read(2000)
            self.close()
            raise WallError(_does_not_start(said)) from None

    def __enter__(self) -> Child:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Kill the process, and with it everything in the sandbox."""
        self._asked.put(None)
        self._process.kill()
        self._process.wait()
        assert self._process.stderr is not None
        self._process.stderr.close()

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
        written, read = self._process.stdin, self._process.stdout
        assert written is not None
        assert read is not None
        number = 0
        with written, read:
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


def _start(wall: Wall, run: Sequence[str] = ()) -> subprocess.Popen[bytes]:
    if not wall.sandbox:
        environment = dict(zip(_environment()[1::3], _environment()[2::3], strict=True)) | (
            {"SYSTEMROOT": os.environ["SYSTEMROOT"]} if "SYSTEMROOT" in os.environ else {}
        )
        return _popen(_interpreter(_runner(str(RUNNER))), environment, tempfile.gettempdir(), ())
    program = seccomp.program() if wall.filter_calls else None
    with _opened(program or b"") as filtering, _opened(_compiled()) as runner:
        arguments = command(wall, run, filtering if program else None, runner)
        return _popen(arguments, None, "/", (filtering, runner))


@contextmanager
def _opened(data: bytes) -> Iterator[int]:
    """The number of an open file that holds these bytes."""
    with tempfile.TemporaryFile() as file:
        file.write(data)
        file.seek(0)
        yield file.fileno()


def _popen(
    arguments: Sequence[str], environment: dict[str, str] | None, folder: str, keep: Sequence[int]
) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(
            arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment,
            cwd=folder, pass_fds=keep,
        )  # fmt: skip
    except OSError as error:
        raise WallError(f"The sandbox does not start: {error}") from None


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
