"""Judges derivations: a student's lines are read and proven in a process with limits on time and memory.

Nothing of the lines is ever run as code, but a line can be made that takes any time to prove. ``judge`` is asked by the
grader; ``main`` is the server behind it, which has proven the course's own lines already and forks for each request.

Usage: python -m mlpcourse.grading.proving NAME ..., with requests on standard input, a line of JSON each.
"""

from __future__ import annotations

import functools
import json
import os
import subprocess
import sys
import threading
import time
from contextlib import suppress
from typing import Any

if sys.platform != "win32":
    import resource

SECONDS = 10  # of processor time for one derivation
WALL = 60.0  # seconds, on a machine that is busy with other things
MEMORY = 1 << 30
LINES, TEXT = 60, 20_000  # of a derivation that is read


def judge(names: tuple[str, ...], name: str, text: str) -> dict[str, Any]:
    """``share`` of the points, ``lines`` (verdict, reading, message, slip and details of each), ``leap`` to the end.

    names: all derivations of the assignment, which the server gets ready for. ``failed`` says why there is nothing.
    """
    lines = [line for line in text.split("\n") if line.strip()]
    if len(text) > TEXT or len(lines) > LINES:
        return {"failed": f"it has more than {LINES} lines or {TEXT} characters"}
    return _judged(names, name, "\n".join(lines))


@functools.lru_cache(maxsize=2048)
def _judged(names: tuple[str, ...], name: str, text: str) -> dict[str, Any]:
    for _ in range(2):  # a server that was stopped from outside is replaced
        try:
            reply = _server(names).ask(name, text)
        except OSError:
            reply = ""
        if reply:
            break
        _server.cache_clear()
    try:
        found: dict[str, Any] = json.loads(reply)
    except ValueError:
        return {"failed": "proving it failed"}
    return found


@functools.lru_cache(maxsize=1)
def _server(names: tuple[str, ...]) -> _Server:
    return _Server(names)


class _Server:
    """The other process. It ends when this one does: its standard input is closed then."""

    def __init__(self, names: tuple[str, ...]) -> None:
        command = [sys.executable, "-P", "-m", "mlpcourse.grading.proving", *names]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        self._read(3 * WALL)

    def ask(self, name: str, text: str) -> str:
        """The reply, "" when there is none."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps([name, text]).encode() + b"\n")
        self._process.stdin.flush()
        return self._read(2 * WALL)

    def _read(self, seconds: float) -> str:
        assert self._process.stdout is not None
        alarm = threading.Timer(seconds, self._process.kill)
        alarm.daemon = True
        alarm.start()
        try:
            return self._process.stdout.readline().decode()
        finally:
            alarm.cancel()

    def __del__(self) -> None:
        with suppress(Exception):
            self._process.kill()
            with self._process:
                pass


# --- the server -----------------------------------------------------------------------------------


def _described(name: str, text: str) -> dict[str, Any]:
    from mlpcourse.derivation.steps import leapt
    from mlpcourse.exercises import deriving

    lines = deriving.judge_lines(name, text)
    derivation = deriving.find(name)
    kept = [
        {
            "verdict": line.verdict, "text": line.text[:300], "reading": line.reading[:2000], "slip": line.slip or "",
            "message": line.message[:600], "column": line.column or 0,
            "details": [[label, said[:600]] for label, said in line.details],
        }
        for line in lines
    ]  # fmt: skip
    leap = derivation is not None and leapt(lines, derivation)
    return {"share": deriving.share(lines, name), "lines": kept, "leap": leap}


def _answer(name: str, text: str) -> dict[str, Any]:
    try:
        return _described(name, text)
    except MemoryError:
        return {"failed": "proving it takes more memory than there is"}
    except Exception as error:
        return {"failed": f"proving it failed ({type(error).__name__})"}


def _in_a_fork(name: str, text: str) -> dict[str, Any]:
    """The same in a process with limits."""
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
            resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
            os.close(read)
            with open(write, "wb") as out:
                out.write(json.dumps(_answer(name, text)).encode())
        finally:
            os._exit(0)
    os.close(write)
    alarm = threading.Timer(WALL, os.kill, (pid, 9))
    alarm.daemon = True
    alarm.start()
    with open(read, "rb") as said:
        reply = said.read()
    alarm.cancel()
    os.waitpid(pid, 0)
    try:
        found: dict[str, Any] = json.loads(reply)
    except ValueError:
        return {"failed": f"proving it takes more than {SECONDS} seconds"}
    return found


def main(names: list[str]) -> None:
    """Prove the course's own lines once, so that every fork knows them; then answer."""
    from mlpcourse.derivation import plain
    from mlpcourse.exercises import deriving

    begun = time.monotonic()
    for name in names:
        derivation = deriving.find(name)
        if derivation is not None:
            _answer(name, "\n".join(plain(line.expr) for line in derivation.lines))
            _answer(name, "0")
    print(json.dumps({"ready": time.monotonic() - begun}), flush=True)
    for line in sys.stdin:
        name, text = json.loads(line)
        answer = _in_a_fork if hasattr(os, "fork") else _answer
        print(json.dumps(answer(name, text)), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
