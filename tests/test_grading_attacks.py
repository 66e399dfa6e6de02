"""Nothing that a submission does earns it a point that it has not earned, or harms anything."""

import dataclasses
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext, suppress
from pathlib import Path
from time import monotonic

import numpy as np
import pytest
from attacks import ATTACKS, NOTEBOOKS, WRONG, at_call
from handed_in import answers, cluster, hand_in, notebook, right

from mlpcourse.grading import grade, jobs, submissions
from mlpcourse.grading.wall import LIMITS, START, Child, Wall, WallError, _interpreter, missing

pytestmark = [
    pytest.mark.skipif(bool(missing()), reason=f"there is no sandbox here: {missing()}"),
    pytest.mark.slow,
]

SEED = 1


def ancestors(pid: int) -> list[int]:
    """The processes above ``pid``, up to the first one of all."""
    found = [pid]
    while found[-1] > 1:
        status = Path(f"/proc/{found[-1]}/stat").read_text()
        found.append(int(status.rpartition(")")[2].split()[1]))
    return found


def command_of(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")


def sandboxed(grader: int | None = None) -> list[Path]:
    """The folders in /proc of all that runs in a sandbox: of that grader, or else of none that is still there."""
    found, own = [], os.readlink("/proc/self/ns/user")
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if os.readlink(folder / "ns/user") == own or not command_of(int(folder.name)):  # a zombie has no command
                continue
            above = ancestors(int(folder.name))
            zygote = next(pid for pid in above[1:] if "bwrap" not in command_of(pid))
            graders = [pid for pid in above if "python" in command_of(pid) and "zygote.py" not in command_of(pid)]
            if grader in above if grader else "zygote.py" in command_of(zygote) and not graders:
                found.append(folder)
    return found


class Surroundings:
    """What attacks go for: canaries, a listener, a gradebook."""

    def __init__(self, folder: Path) -> None:
        self.mark, self.book = folder / "canaries", folder / "gradebook.db"
        self.mark.mkdir(mode=0o777)
        self.mark.chmod(0o777)
        (self.mark / "canary").write_text("alive")
        (self.mark / "canary").chmod(0o666)
        self.book.write_text("the gradebook")
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.listener.settimeout(0.2)

    def aimed(self, text: str) -> str:
        port = str(self.listener.getsockname()[1])
        return text.replace("MARK", str(self.mark)).replace("PORT", port).replace("BOOK", str(self.book))

    def assert_unharmed(self) -> None:
        assert [path.name for path in self.mark.iterdir()] == ["canary"]
        assert (self.mark / "canary").read_text() == "alive"
        assert self.book.read_text() == "the gradebook"
        with pytest.raises(TimeoutError):
            self.listener.accept()
        for folder in ("/", "/tmp", "/root", "/home", "/usr", "/var/tmp", "/dev/shm", "/run", "."):
            assert not (Path(folder) / "mlpcourse-was-here").exists()


@pytest.fixture
def surroundings(tmp_path: Path) -> Iterator[Surroundings]:
    tmp_path.chmod(0o755)
    made = Surroundings(tmp_path)
    with made.listener:
        yield made


@pytest.mark.parametrize("mode", ["local", "jobs", "cluster"])
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")
def test_attacks_earn_nothing_and_harm_nothing(mode: str, surroundings: Surroundings, tmp_path: Path):
    texts = {
        name: answers({key: surroundings.aimed(text) for key, text in cells.items()}) for name, cells in ATTACKS.items()
    }
    texts |= {name: notebook(cells) for name, cells in NOTEBOOKS.items()}
    assert len(texts) >= 45
    texts["honest"] = answers(right("honest"))
    found = submissions.find(hand_in(tmp_path / "in", texts))
    out = tmp_path / "out"
    with cluster() if mode == "cluster" else nullcontext("") as address:
        done = list(jobs.grade_all(found, SEED, out, Wall(), 2 if mode == "jobs" else 1, address))
    results = {one.name: jobs.saved(out, one) for one in done}
    assert set(results) == set(texts)
    assert results.pop("honest").total == 100
    assert {name: result.total for name, result in results.items() if result is None or result.total != 0} == {}
    surroundings.assert_unharmed()
    assert sandboxed(os.getpid()) == []
    for name, result in results.items():
        for mark in result.marks.values():
            boasts = f"{mark.verdict.message} {mark.verdict.facts}"
            words = ("SystemError", "found ", "wrote into", "held ", "connected")
            assert not any(f"SystemError: {word}" in boasts for word in words), f"{name}: {boasts}"
            assert "SystemError" not in boasts.split("`")[0], f"{name}: {boasts}"


def test_one_bad_cell_costs_its_own_exercise_only(tmp_path: Path):
    for bad in (
        "import os\n_ = os._exit(0)\ndef relu(z1): return z1",
        "def relu(z1):\n    while True: pass",
        "import ctypes\ndef relu(z1): return ctypes.string_at(0)",
        "def relu(z1): return z1 @@ z1",
    ):
        folder = hand_in(tmp_path / str(abs(hash(bad))), {"student": answers({**right("student"), "relu": bad})})
        (one,) = submissions.find(folder)
        result = grade.grade(one, SEED, Wall())
        assert result.status == "graded"
        assert result.total == 100 - grade.ASSIGNMENT["relu"]


# --- the stones of the wall, one by one ---------------------------------------------------------------


def said(code: str, wall: Wall) -> str:
    """What one attack answers: the error's text, "finished", or how it ended."""
    source = at_call(code)["relu"]
    seen = grade.run(grade.Plan(tasks=(grade.call("relu", source, [{"z1": np.ones((2, 3))}], 1),)), wall)["relu"]
    if seen.end != "finished":
        return seen.end
    reply = grade.heard(seen.replies[0])
    return f"{type(reply).__name__}: {reply}" if isinstance(reply, Exception) else "finished"


def without(*limits: str) -> dict[str, int]:
    return {name: value for name, value in LIMITS.items() if name not in limits}


FORK = """
import os
pid = os.fork()
if pid == 0: os._exit(0)
os.waitpid(pid, 0)
"""
UNSHARE = "import ctypes\nif ctypes.CDLL(None).unshare(0x10000000): raise PermissionError"
SHARED = "import ctypes\nif ctypes.CDLL(None).shmget(0, ctypes.c_size_t(4096), 0o1600) < 0: raise PermissionError"
MEMFD = "import os\nfd = os.memfd_create('x')\nos.write(fd, b'x' * 4096)"
MEMORY = "kept = [np.empty(1 << 24) for _ in range(12)]"  # 1.5 GB of address space, none of it touched
CONNECT = "import socket\nsocket.create_connection(('127.0.0.1', PORT), timeout=2)"
COURSE = "import sys\nsys.path += ['REPO']\nimport mlpcourse.exercises.model_answers"
CANARY = "open('MARK/canary', 'a').close()"
HOST = "import os\ntry: os.kill(PID, 0)\nexcept PermissionError: pass"
FILES = "import os\nkept = [os.open('/dev/null', os.O_RDONLY) for _ in range(40)]"
QUEUE = "import ctypes\nif ctypes.CDLL(None).mq_open(b'/q', 0o102, 0o600, None) < 0: raise PermissionError"
LOCK = "import ctypes\nif ctypes.CDLL(None).mlock(ctypes.create_string_buffer(99), 99): raise PermissionError"
RENAME = "import socket\nsocket.sethostname(socket.gethostname())"
SHARE_PID = ("user", "net", "ipc", "uts", "cgroup")
SHARE_NET = ("user", "pid", "ipc", "uts", "cgroup")

STONES = {
    "the filter of system calls": (SHARED, Wall(filter_calls=False)),
    "the limit on processes, and the filter": (FORK, Wall(filter_calls=False, limits=without("NPROC"))),
    "the limit on files, and the filter": (MEMFD, Wall(filter_calls=False, limits=without("FSIZE"))),
    "the limit on memory": (MEMORY, Wall(limits=without("AS"))),
    "the limit on open files": (FILES, Wall(limits=without("NOFILE"))),
    "the limit on message queues, and the filter": (QUEUE, Wall(filter_calls=False, limits=without("MSGQUEUE"))),
    "the limit on locked memory": (LOCK, Wall(limits=without("MEMLOCK"))),
    "no nested namespaces, and the filter": (UNSHARE, Wall(filter_calls=False, nested=True)),
    "a network of its own, and the filter": (CONNECT, Wall(filter_calls=False, unshare=SHARE_NET)),
    "a file system of its own": (COURSE, Wall(empty_root=False, drop_root=False)),
    "the sandbox": (CANARY, Wall(sandbox=False, limits={})),
}


@pytest.mark.parametrize("stone", STONES)
def test_with_a_stone_taken_out_an_attack_gets_through(stone: str, surroundings: Surroundings):
    attack, wall = STONES[stone]
    repository = Path(grade.__file__).parents[2]
    attack = surroundings.aimed(attack).replace("REPO", str(repository)).replace("PID", str(os.getpid()))
    assert said(attack, Wall()) not in ("finished", "no time"), "the whole wall lets it through"
    assert said(attack, wall) == "finished"


def test_two_protections_cover_for_each_other(surroundings: Surroundings):
    """Processes, files and sockets are refused twice: by the filter, and by a limit or a namespace."""
    assert said(FORK, Wall(filter_calls=False)).startswith("BlockingIOError")
    assert said(FORK, Wall(limits=without("NPROC"))).startswith("PermissionError")
    assert said(surroundings.aimed(CONNECT), Wall(filter_calls=False)) != "finished"
    assert said(surroundings.aimed(CONNECT), Wall(unshare=SHARE_NET)).startswith("PermissionError")
    assert said(UNSHARE, Wall(filter_calls=False)).startswith("PermissionError")


# Protections that nothing gets through without, and why.
COVERED = {
    "CPU": "the parent's clock ends it sooner",
    "CORE": "there is no place to write",
    "uts": "renaming the host takes a capability, and there is none",
    "cgroup": "it hides the names of groups, which only /proc would show, and there is no /proc",
    "user": "bubblewrap makes one unasked when it is not root, and it is not: root was dropped before",
}


def test_every_protection_has_been_taken_out():
    """Each in STONES, in a test of its own, or covered by others."""

    def taken_out(wall: Wall) -> set[str]:
        if not wall.sandbox:
            return {"sandbox"}
        switches = {name for name in SWITCHES if getattr(wall, name) != getattr(Wall(), name)}
        return switches | {*Wall().unshare} - {*wall.unshare} | {*LIMITS} - {*wall.limits}

    SWITCHES = {field.name for field in dataclasses.fields(Wall)} - {"unshare", "limits"}
    in_stones = set().union(*(taken_out(wall) for _, wall in STONES.values()))
    in_tests = {"drop_root", "pid", "ipc"}
    assert in_stones | in_tests | {*COVERED} == SWITCHES | {*Wall().unshare} | {*LIMITS}
    assert not in_stones & {*COVERED}


def test_what_others_cover():
    def sharing(space: str) -> tuple[str, ...]:
        return tuple(other for other in Wall().unshare if other != space)

    assert said("while True: pass", Wall(limits=without("CPU"))) == "stopped"
    assert said("open('/core', 'w')", Wall(limits=without("CORE"))).startswith("OSError")
    assert said(RENAME, Wall(filter_calls=False, unshare=sharing("uts"))).startswith("PermissionError")
    assert said("open('/proc/self/cgroup')", Wall(unshare=sharing("cgroup"))).startswith("FileNotFoundError")
    assert said("import os\nos.setuid(0)", Wall(unshare=sharing("user"))).startswith(("PermissionError", "OSError"))
    assert said(UNSHARE, Wall(unshare=sharing("user"))).startswith("PermissionError")


@pytest.mark.skipif(not Path("/proc/sysvipc/shm").exists(), reason="this system has no shared memory to look into")
def test_shared_memory_ends_with_the_sandbox():
    """Without the filter a submission can make some; without a space of its own it would stay behind."""

    def segments() -> set[str]:
        return {line.split()[1] for line in Path("/proc/sysvipc/shm").read_text().splitlines()[1:]}

    before = segments()
    assert said(SHARED, Wall(filter_calls=False)) == "finished"
    assert segments() <= before
    assert said(SHARED, Wall(filter_calls=False, unshare=("user", "pid", "net", "uts", "cgroup"))) == "finished"
    left = segments() - before
    for segment in left:
        subprocess.run(["ipcrm", "-m", segment], check=True)
    assert left


def both() -> tuple[Path, Path]:
    """The folders in /proc of a sandbox's two processes: ``cat``, which bubblewrap starts, and the one that answers."""
    cat, answering = sorted(sandboxed(os.getpid()), key=lambda folder: "zygote.py" in command_of(int(folder.name)))
    assert command_of(int(cat.name)).strip() == "cat"
    return cat, answering


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has root to drop")
def test_root_is_really_dropped():
    """A user that is only mapped is still root outside: with that stone out, the sandboxed process belongs to uid 0."""
    for wall, owner in ((Wall(), 65534), (Wall(drop_root=False), 0)):
        with Child(wall):
            assert {folder.stat().st_uid for folder in both()} == {owner}


def test_the_fork_has_what_bubblewrap_gives_and_no_more():
    """The process that answers was no child of bubblewrap's, so it is held against one that is."""
    own = dict(status(Path("/proc/self")))
    with Child():
        cat, answering = both()
        told, expected = (status(folder) for folder in (answering, cat))
        assert {key: told[key] for key in RIGHTS} == {key: expected[key] for key in RIGHTS}
        assert {key for key in RIGHTS if own[key] != told[key]} >= {"CapBnd", "NoNewPrivs"}
        assert (told["Seccomp"], told["CapEff"], told["CapBnd"]) == ("2", "0" * 16, "0" * 16)
        spaces = {name.name for name in Path("/proc/self/ns").iterdir()} - {"time", "time_for_children"}
        for name in spaces:
            link = os.readlink(answering / "ns" / name)
            assert link == os.readlink(cat / "ns" / name), name
            assert link != os.readlink(f"/proc/self/ns/{name}"), name
        assert (answering / "mountinfo").read_text() == (cat / "mountinfo").read_text()
        assert [os.stat(answering / link).st_ino for link in ("root", "cwd")] == [os.stat(cat / "root").st_ino] * 2
        opened = [os.readlink(number).split(":")[0] for number in (answering / "fd").iterdir()]
        assert sorted(opened) == ["/dev/null"] * 4 + ["pipe"] * 2
        assert [os.readlink(number).split(":")[0] for number in (cat / "fd").iterdir()] == ["pipe"] * 3
        assert os.getsid(int(answering.name)) == int(answering.name)
        environment = (answering / "environ").read_text().split("\0")
        assert {entry.partition("=")[0] for entry in environment} <= {f"{it}_NUM_THREADS" for it in LIBRARIES} | {
            "PWD",
            "",
        }


# What a process may do, in its status: see proc(5).
RIGHTS = ["Uid", "Gid", "Groups", "CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb", "NoNewPrivs", "Umask"]
LIBRARIES = ["OPENBLAS", "OMP", "MKL"]


def status(folder: Path) -> dict[str, str]:
    return dict(line.split(":\t", 1) for line in (folder / "status").read_text().splitlines() if ":\t" in line)


def test_a_zygote_that_was_killed_is_replaced():
    Child().close()
    children = Path(f"/proc/self/task/{threading.get_native_id()}/children").read_text().split()
    zygotes = [int(child) for child in children if "zygote.py" in command_of(int(child))]
    assert zygotes
    for pid in zygotes:
        os.kill(pid, signal.SIGKILL)
    assert said("pass", Wall()) == "finished"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root's zygote is in a sandbox itself")
def test_what_a_killed_bubblewrap_leaves_behind_is_not_waited_for(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """Its child waits for it for ever when it is killed at the right moment, with all that both have opened."""
    killed = tmp_path / "bwrap"
    killed.write_text("#!/bin/sh\nsleep 20 </dev/null &\nkill -9 $$\n")
    killed.chmod(0o755)
    monkeypatch.setattr("mlpcourse.grading.wall._bubblewrap", lambda: str(killed))
    began = monotonic()
    with ThreadPoolExecutor(1) as pool, pytest.raises(WallError):
        pool.submit(Child).result()
    assert monotonic() - began < START / 2


def test_an_interrupted_request_leaves_no_answer_for_the_next(monkeypatch: pytest.MonkeyPatch):
    """Else each later sandbox would be ended in place of the one after it."""

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(socket, "recv_fds", interrupted)
        with pytest.raises(KeyboardInterrupt):
            Child()
    with Child():
        both()


def test_a_python_without_names_for_pidfds_will_do(monkeypatch: pytest.MonkeyPatch):
    """Conda's is built for kernels that had none."""
    poorer = (
        "import os, runpy, sys\nos.__dict__.pop('pidfd_open', None)\n"
        "del sys.argv[0]\nrunpy.run_path(sys.argv[0], run_name='__main__')"
    )

    def interpreter(program: Path) -> list[str]:
        command = _interpreter(program)
        at = command.index(str(program))
        return [*command[:at], "-c", poorer, *command[at:]]

    monkeypatch.setattr("mlpcourse.grading.wall._interpreter", interpreter)
    monkeypatch.delattr(signal, "pidfd_send_signal", raising=False)
    with ThreadPoolExecutor(1) as pool:  # a thread of its own has a zygote of its own
        assert pool.submit(said, "pass", Wall()).result() == "finished"


def test_a_sandbox_ends_whatever_the_zygote_is_at():
    """The kernel lets go of what has ended. Else the grader would wait when the zygote happens not to hear of it."""
    child = Child()
    _, answering = both()
    zygote = ancestors(int(answering.name))[1]
    os.kill(zygote, signal.SIGSTOP)
    began = monotonic()
    try:
        child.close()
    finally:
        os.kill(zygote, signal.SIGCONT)
    assert monotonic() - began < START / 2


def test_the_process_space_is_its_own():
    code = HOST.replace("PID", str(os.getpid()))
    assert said(code, Wall()).startswith("ProcessLookupError")
    assert said(code, Wall(drop_root=False, unshare=SHARE_PID)) == "finished"


@pytest.mark.skipif(
    os.geteuid() != 0 or shutil.which("setpriv") is None, reason="root is needed to become somebody else"
)
def test_an_ordinary_user_can_grade_too(tmp_path: Path):
    """The same wall without root: the whole command as nobody, with root's home opened so that Python can be read."""
    (tmp_path / "out").mkdir(mode=0o777)
    for folder in (tmp_path, *tmp_path.parents[:-2], tmp_path / "out"):
        folder.chmod(folder.stat().st_mode | 0o755)
    os.chown(tmp_path / "out", 65534, 65534)
    hand_in(tmp_path / "in", {"student": answers(right("student"))})
    prefix = Path(sys.base_prefix).resolve()
    opened = ["--dev-bind", "/", "/"]
    if prefix.is_relative_to("/root"):
        inside = [str(folder) for folder in reversed(prefix.parents) if folder.is_relative_to("/root")]
        opened += ["--tmpfs", "/root", *(option for folder in inside[1:] for option in ("--dir", folder))]
        opened += ["--ro-bind", str(prefix), str(prefix)]
    caps = [option for name in ("SETUID", "SETGID", "SETPCAP") for option in ("--cap-add", f"CAP_{name}")]
    user = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--bounding-set=-all", "--inh-caps=-all"]
    command = ["-m", "mlpcourse", "grade", str(tmp_path / "in"), "-o", str(tmp_path / "out" / "new"), "--seed", "1"]
    result = subprocess.run(
        ["bwrap", *opened, *caps, "--", *user, sys.executable, *command], capture_output=True, text=True, timeout=120
    )
    if "mlpcourse" in result.stderr and "Permission denied" in result.stderr:
        pytest.skip("the checkout itself cannot be read by nobody")
    assert result.returncode == 0, result.stderr
    assert (tmp_path / "out" / "new" / "scores.csv").read_text().splitlines()[1].endswith(",100,graded,")


def test_a_sandbox_ends_with_its_grader():
    """kill -9 on the grader leaves nothing running, not even what never looks whether it is still there."""
    code = (
        "import os, signal\nfrom mlpcourse.grading.wall import Child, Late\n"
        "child = Child()\n"
        "try: child.ask({'do': 'define', 'name': 'x', 'source': 'while True: pass'}, b'', 0.5)\n"
        "except Late: os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    assert subprocess.run([sys.executable, "-c", code], timeout=60).returncode == -signal.SIGKILL
    for _ in range(50):
        if not sandboxed():
            return
        threading.Event().wait(0.1)
    raise AssertionError(f"still running: {sandboxed()}")


def test_wrong_answers_of_the_suite_have_no_name(tmp_path: Path):
    """Else an attack could earn a named slip's share and the suite would be blind."""
    (one,) = submissions.find(hand_in(tmp_path / "in", {"plain": answers(WRONG)}))
    assert grade.grade(one, SEED, Wall()).total == 0
