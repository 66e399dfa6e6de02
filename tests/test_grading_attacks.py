"""Nothing that a submission does earns it a point that it has not earned, or harms anything."""

import csv
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
from attacks import ATTACKS, HOSTILE, NOTEBOOKS, WRONG, at_call
from handed_in import (
    WHOLE,
    answers,
    as_ordinary_user,
    cluster,
    functions,
    hand_in,
    notebook,
    open_folder,
    right,
    settings,
)

from mlpcourse.grading import grade, jobs, seccomp, submissions
from mlpcourse.grading.assignment import ASSIGNMENT
from mlpcourse.grading.notebook import Answer, Notebook
from mlpcourse.grading.replies import decode_reply
from mlpcourse.grading.sandbox import LIMITS, START, Child, Sandbox, SandboxError, _filesystem, missing

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


def forks(grader: int | None = None) -> list[Path]:
    """The folders in /proc of the forks that run submissions: of that grader, or else of none that is still there."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            above = ancestors(int(folder.name))
            if not is_server(int(folder.name)) or not is_server(above[1]):
                continue
            graders = [pid for pid in above if "python" in command_of(pid) and "forkserver.py" not in command_of(pid)]
            if grader in above if grader else not graders:
                found.append(folder)
    return found


def is_server(pid: int) -> bool:
    """Whether it is a fork server or a fork of one, not what started it."""
    command = command_of(pid)
    return "forkserver.py" in command and not Path(command.split(" ")[0]).name.startswith(("bwrap", "setpriv"))


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


@pytest.mark.parametrize("mode", ["local", "jobs", "cluster"] if WHOLE else ["jobs"])
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")
def test_attacks_earn_nothing_and_harm_nothing(mode: str, surroundings: Surroundings, tmp_path: Path):
    texts = {
        name: answers({key: surroundings.aimed(text) for key, text in cells.items()}) for name, cells in ATTACKS.items()
    }
    texts |= {name: notebook(cells) for name, cells in NOTEBOOKS.items()} | HOSTILE
    assert len(texts) >= 80
    texts["honest"] = answers(right("honest"))
    found = submissions.find(hand_in(tmp_path / "in", texts))
    out = tmp_path / "out"
    with cluster() if mode == "cluster" else nullcontext("") as address:
        done = list(jobs.grade_all(found, settings(SEED), out, 2 if mode == "jobs" else 1, address))
    results = {one.name: jobs.saved(out, one, ASSIGNMENT) for one in done}
    assert set(results) == set(texts)
    assert results.pop("honest").total == ASSIGNMENT.out_of
    assert {name: result.total for name, result in results.items() if result is None or result.total} == {}
    assert {name for name, result in results.items() if result.total is None} <= {*HOSTILE}
    surroundings.assert_unharmed()
    assert forks(os.getpid()) == []
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
        result = grade.grade(one, settings(SEED))
        assert result.status == "graded"
        assert result.total == ASSIGNMENT.out_of - ASSIGNMENT.points["relu"]


# --- the protections, one by one ---------------------------------------------------------------


def said(code: str, sandbox: Sandbox) -> str:
    """What one attack answers: the error's text, "finished", or how it ended."""
    source = at_call(code)["relu"]
    answer = Answer(source, steps=((0, (0,)),), own=0)
    read = Notebook({"relu": answer}, {0: source})
    seen = grade.run([grade.call("relu", read, answer, [{"z1": np.ones((2, 3))}], 1)], sandbox)["relu"]
    if seen.end != "finished":
        return seen.end
    reply = seen.replies[0]
    if reply[:1] == b"E":
        return reply[6 : 6 + reply[5]].decode() + ": " + reply[6 + reply[5] :].decode()
    return f"{decode_reply(reply)}" if reply[:1] != b"V" else "finished"


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

PROTECTIONS = {
    "the filter of system calls": (SHARED, Sandbox(filter_calls=False)),
    "the limit on processes, and the filter": (FORK, Sandbox(filter_calls=False, limits=without("NPROC"))),
    "the limit on files, and the filter": (MEMFD, Sandbox(filter_calls=False, limits=without("FSIZE"))),
    "the limit on memory": (MEMORY, Sandbox(limits=without("AS"))),
    "the limit on open files": (FILES, Sandbox(limits=without("NOFILE"))),
    "the limit on message queues, and the filter": (QUEUE, Sandbox(filter_calls=False, limits=without("MSGQUEUE"))),
    "the limit on locked memory, and the filter": (LOCK, Sandbox(filter_calls=False, limits=without("MEMLOCK"))),
    "no nested namespaces, and the filter": (UNSHARE, Sandbox(filter_calls=False, nested=True)),
    "a network of its own, and the filter": (CONNECT, Sandbox(filter_calls=False, unshare=SHARE_NET)),
    "a file system of its own": (COURSE, Sandbox(empty_root=False, drop_root=False)),
    "the sandbox": (CANARY, Sandbox(sandbox=False, limits={})),
}


@pytest.mark.parametrize("protection", PROTECTIONS)
def test_with_a_protection_taken_out_an_attack_gets_through(protection: str, surroundings: Surroundings):
    attack, sandbox = PROTECTIONS[protection]
    repository = Path(grade.__file__).parents[2]
    attack = surroundings.aimed(attack).replace("REPO", str(repository)).replace("PID", str(os.getpid()))
    assert said(attack, Sandbox()) not in ("finished", "no time"), "the whole sandbox lets it through"
    assert said(attack, sandbox) == "finished"


def test_two_protections_cover_for_each_other(surroundings: Surroundings):
    """Processes, files and sockets are refused twice: by the filter, and by a limit or a namespace."""
    assert said(FORK, Sandbox(filter_calls=False)).startswith("BlockingIOError")
    assert said(FORK, Sandbox(limits=without("NPROC"))).startswith("PermissionError")
    assert said(surroundings.aimed(CONNECT), Sandbox(filter_calls=False)) != "finished"
    assert said(surroundings.aimed(CONNECT), Sandbox(unshare=SHARE_NET)).startswith("PermissionError")
    assert said(UNSHARE, Sandbox(filter_calls=False)).startswith("PermissionError")


# Protections that nothing gets through without, and why.
COVERED = {
    "CPU": "the parent's clock ends it sooner",
    "CORE": "there is no place to write",
    "uts": "renaming the host takes a capability, and there is none",
    "cgroup": "it hides the names of groups, which only /proc would show, and there is no /proc",
    "user": "bubblewrap makes one unasked when it is not root, and it is not: root was dropped before",
}


def test_every_protection_has_been_taken_out():
    """Each in PROTECTIONS, in a test of its own, or covered by others."""

    def taken_out(sandbox: Sandbox) -> set[str]:
        if not sandbox.sandbox:
            return {"sandbox"}
        switches = {name for name in SWITCHES if getattr(sandbox, name) != getattr(Sandbox(), name)}
        return switches | {*Sandbox().unshare} - {*sandbox.unshare} | {*LIMITS} - {*sandbox.limits}

    SWITCHES = {field.name for field in dataclasses.fields(Sandbox)} - {"unshare", "limits"}
    in_table = set().union(*(taken_out(one) for _, one in PROTECTIONS.values()))
    in_tests = {"drop_root", "pid", "ipc"}
    assert in_table | in_tests | {*COVERED} == SWITCHES | {*Sandbox().unshare} | {*LIMITS}
    assert not in_table & {*COVERED}


def test_what_others_cover():
    def sharing(space: str) -> tuple[str, ...]:
        return tuple(other for other in Sandbox().unshare if other != space)

    assert said("while True: pass", Sandbox(limits=without("CPU"))) == "stopped"
    assert said("open('/core', 'w')", Sandbox(limits=without("CORE"))).startswith("OSError")
    assert said(RENAME, Sandbox(filter_calls=False, unshare=sharing("uts"))).startswith("PermissionError")
    assert said("open('/proc/self/cgroup')", Sandbox(unshare=sharing("cgroup"))).startswith("FileNotFoundError")
    assert said("import os\nos.setuid(0)", Sandbox(unshare=sharing("user"))).startswith(("PermissionError", "OSError"))
    assert said(UNSHARE, Sandbox(unshare=sharing("user"))).startswith("PermissionError")


@pytest.mark.skipif(not Path("/proc/sysvipc/shm").exists(), reason="this system has no shared memory to look into")
def test_shared_memory_ends_with_the_sandbox():
    """Without the filter a submission can make some; without a space of its own it would stay behind."""

    def segments() -> set[str]:
        return {line.split()[1] for line in Path("/proc/sysvipc/shm").read_text().splitlines()[1:]}

    before = segments()
    assert said(SHARED, Sandbox(filter_calls=False)) == "finished"
    assert segments() <= before
    assert said(SHARED, Sandbox(filter_calls=False, unshare=("user", "pid", "net", "uts", "cgroup"))) == "finished"
    left = segments() - before
    for segment in left:
        subprocess.run(["ipcrm", "-m", segment], check=True)
    assert left


def answering() -> Path:
    """The folder in /proc of the one fork that runs a submission here."""
    (found,) = forks(os.getpid())
    return found


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has root to drop")
def test_root_is_really_dropped():
    """A user that is only mapped is still root outside: without that step the sandboxed process belongs to uid 0."""
    for sandbox, owner in ((Sandbox(), 65534), (Sandbox(drop_root=False), 0)):
        with Child(sandbox):
            assert answering().stat().st_uid == owner


def status(folder: Path) -> dict[str, str]:
    return dict(line.split(":\t", 1) for line in (folder / "status").read_text().splitlines() if ":\t" in line)


def test_a_fork_has_no_rights_and_nothing_in_common_with_the_next():
    with Child():
        told, fork = status(answering()), answering()
        assert (told["Seccomp"], told["NoNewPrivs"], told["CapEff"], told["CapBnd"]) == ("2", "1", "0" * 16, "0" * 16)
        for name in ("user", "pid", "net", "ipc", "uts", "cgroup", "mnt"):
            assert os.readlink(fork / "ns" / name) != os.readlink(f"/proc/self/ns/{name}"), name
        opened = {number.name: os.readlink(number) for number in (fork / "fd").iterdir()}
        assert sorted(link.split(":")[0] for link in opened.values()) == ["/dev/null"] * 4 + ["pipe"] * 2
        server = Path("/proc", str(ancestors(int(fork.name))[1]))
        theirs = {os.readlink(number) for number in (server / "fd").iterdir()} - {"/dev/null"}
        assert not theirs & set(opened.values())
        assert os.getsid(int(fork.name)) == int(fork.name)
        maps = [line.split() for line in (fork / "maps").read_text().splitlines()]
        assert not [line for line in maps if line[1].endswith("s") and "w" in line[1]], "memory that is shared"
        environment = (fork / "environ").read_text().split("\0")
        assert {entry.partition("=")[0] for entry in environment} <= {
            "", "PWD", "OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS",
        }  # fmt: skip
        first = set(opened.values())
    with Child():
        second = {os.readlink(number) for number in (answering() / "fd").iterdir()}
        assert not {link for link in first & second if link != "/dev/null"}


# What one submission could leave for the next: how to leave it, and how to find it.
CHANNELS = {
    "memory": ("np.left = [1]", "if hasattr(np, 'left'): raise SystemError('found')"),
    "the runner's memory": (
        "import sys\nsys.modules['runner'].left = 1",
        "import sys\nif hasattr(sys.modules['runner'], 'left'): raise SystemError('found')",
    ),
    "a file": (
        "open('/tmp/left', 'w').write('x')", "import os\nif os.path.exists('/tmp/left'): raise SystemError('found')",
    ),
    "a file in shared memory": (
        "open('/dev/shm/left', 'w').write('x')",
        "import os\nif os.path.exists('/dev/shm/left'): raise SystemError('found')",
    ),
    "a lock": (
        "import fcntl, os\nfcntl.flock(os.open('/usr/lib', os.O_RDONLY), fcntl.LOCK_EX)",
        "import fcntl, os\ntry: fcntl.flock(os.open('/usr/lib', os.O_RDONLY), fcntl.LOCK_SH | fcntl.LOCK_NB)\n"
        "except BlockingIOError: raise SystemError('found')\nexcept OSError: pass",
    ),
    "a record lock": (
        "import fcntl, os\nfcntl.lockf(os.open('/usr/bin/env', os.O_RDONLY), fcntl.LOCK_SH)",
        "import fcntl, os, struct\nlock = fcntl.fcntl(os.open('/usr/bin/env', os.O_RDONLY), fcntl.F_GETLK, bytes(32))\n"
        "raise SystemError('found')",
    ),
    "a signal": (
        "import os, signal\nos.kill(1, signal.SIGUSR1)\nraise SystemError('found a process to signal')", "pass",
    ),
    "a queued signal": (
        "import ctypes\nif ctypes.CDLL(None).sigqueue(1, 10, None) == 0: raise SystemError('found')", "pass",
    ),
    "the fork server's limits": (
        "import resource\nresource.prlimit(1, resource.RLIMIT_NOFILE, (40, 64))",
        "import resource\nif resource.prlimit(1, resource.RLIMIT_NOFILE)[0] == 40: raise SystemError('found')",
    ),
    "the fork server's priority": (
        "import os\nos.setpriority(os.PRIO_PROCESS, 1, 5)",
        "import os\nif os.getpriority(os.PRIO_PROCESS, 0) == 5: raise SystemError('found')",
    ),
    "the fork server's core": (
        "import os\nos.sched_setaffinity(1, {0})\nraise SystemError('found')", "pass",
    ),
    "the fork server's memory": (
        "import ctypes, os\nif ctypes.CDLL(None).ptrace(16, 1, 0, 0) == 0: raise SystemError('found')", "pass",
    ),
    "shared memory": (SHARED, "import ctypes\nif ctypes.CDLL(None).shmget(0, 4096, 0) > 0: raise SystemError('found')"),
    "asynchronous input and output": (
        "import ctypes\nif ctypes.CDLL(None).syscall(206, 100, ctypes.byref(ctypes.c_ulong())) == 0: "
        "raise SystemError('found')", "pass",
    ),
    "watching files": (
        "import ctypes\nif ctypes.CDLL(None).inotify_init() >= 0: raise SystemError('found')", "pass",
    ),
    "secret memory": (
        "import ctypes\nif ctypes.CDLL(None).syscall(447, 0) >= 0: raise SystemError('found')", "pass",
    ),
    "a handle on the fork server": (
        "import ctypes\nif ctypes.CDLL(None).syscall(434, 1, 0) >= 0: raise SystemError('found')", "pass",
    ),
    "comparing with the fork server": (
        "import ctypes\nif ctypes.CDLL(None).syscall(312, 1, 2, 0, 0, 0) >= 0: raise SystemError('found')", "pass",
    ),
    "a socket without a name": (
        "import socket\nsocket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).bind('\\0left')\nraise SystemError('found')",
        "pass",
    ),
    "what is left in a pipe": (
        "import os\nfor fd in range(3, 8):\n    try: os.write(fd, b'left' * 100)\n    except OSError: pass",
        "import os\nfor fd in range(3, 32):\n    try:\n        os.set_blocking(fd, False)\n"
        "        if b'left' in os.read(fd, 400): raise SystemError('found')\n    except OSError: pass",
    ),
}  # fmt: skip


@pytest.mark.parametrize("channel", CHANNELS)
def test_nothing_passes_from_one_submission_to_the_next(channel: str):
    leave, find = CHANNELS[channel]
    assert "found" not in said(leave, Sandbox())
    assert "found" not in said(find, Sandbox())


def test_channels_are_found_where_nothing_closes_them():
    """Else the test above would be blind: in one process, what is left in memory is there for the next."""
    source = (
        f"{at_call(CHANNELS['memory'][0])['relu']}\n{at_call(CHANNELS['memory'][1])['relu'].replace('relu', 'again')}"
    )
    read = Notebook({}, {0: source})
    tasks = [
        grade.call(name, read, Answer(source, steps=((0, (0, 1)),), own=0), [{"z1": np.ones(1)}], 1)
        for name in ("relu", "again")
    ]
    assert b"found" in grade.run(tasks, Sandbox())["again"].replies[0]


def test_the_filter_lists_what_is_allowed():
    """A call that nobody thought of is refused: of five hundred numbers, those alone pass that are on the list."""
    code = """
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
passed = []
for number in range(600):
    if number in SKIPPED: continue
    ctypes.set_errno(0)
    given = libc.syscall(number, -1, -1, -1, -1, -1, -1)
    if not (given == -1 and ctypes.get_errno() == 1): passed.append(number)
raise SystemError(str(passed))
"""
    column = 0 if os.uname().machine == "x86_64" else 1
    listed = {entry[column] for entry in seccomp._ALLOWED.values()} - {None}
    listed |= {335, 336}  # uretprobe and uprobe: the kernel itself ends who calls them, filter or not
    answer = said(code.replace("SKIPPED", repr(listed)), Sandbox())
    assert answer == "SystemError: []"
    code = code.replace("SKIPPED", repr(listed))
    assert said(code, Sandbox(filter_calls=False)) != "SystemError: []"


def test_a_fork_server_that_was_killed_is_replaced():
    Child().close()
    servers = [int(one.name) for one in Path("/proc").glob("[0-9]*") if is_ours(int(one.name))]
    assert servers
    for pid in servers:
        os.kill(pid, signal.SIGKILL)
    assert said("pass", Sandbox()) == "finished"


def is_ours(pid: int) -> bool:
    with suppress(OSError):
        return is_server(pid) and os.getpid() in ancestors(pid)
    return False


def test_a_fork_server_that_is_killed_with_a_submission_costs_nothing(tmp_path: Path):
    """What was stopped from outside is run again."""
    child = Child()
    os.kill(ancestors(int(answering().name))[1], signal.SIGKILL)
    child.close()
    (one,) = submissions.find(hand_in(tmp_path / "in", {"student": answers(right("student"))}))
    assert grade.grade(one, settings(SEED)).total == ASSIGNMENT.out_of


@pytest.mark.skipif(os.geteuid() != 0, reason="only root's fork server is in two sandboxes")
def test_what_a_killed_bubblewrap_leaves_behind_is_not_waited_for(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """Its child waits for it for ever when it is killed at the right moment, with all that both have opened."""
    killed = tmp_path / "bwrap"
    killed.write_text("#!/bin/sh\nsleep 20 </dev/null &\nkill -9 $$\n")
    killed.chmod(0o755)
    monkeypatch.setattr("mlpcourse.grading.sandbox._bubblewrap", lambda: str(killed))
    began = monotonic()
    with ThreadPoolExecutor(1) as pool, pytest.raises(SandboxError):
        pool.submit(Child).result()
    assert monotonic() - began < START / 2


def test_an_interrupted_request_leaves_no_answer_for_the_next(monkeypatch: pytest.MonkeyPatch):
    """Else each later fork would be ended in place of the one after it."""

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(socket, "send_fds", interrupted)
        with pytest.raises(KeyboardInterrupt):
            Child()
    with Child():
        answering()


def test_the_process_space_is_its_own():
    code = HOST.replace("PID", str(os.getpid()))
    assert said(code, Sandbox(filter_calls=False)).startswith("ProcessLookupError")
    assert said(code, Sandbox(drop_root=False, filter_calls=False, unshare=SHARE_PID)) == "finished"


@pytest.mark.skipif(shutil.which("setpriv") is None, reason="setpriv is needed to become somebody else")
def test_an_ordinary_user_can_grade_too():
    with open_folder() as folder:
        hand_in(folder / "in", {"student": answers(functions())})
        result = as_ordinary_user(folder, "--seed", "1")
        assert result.returncode == 0, result.stderr
        total = sum(ASSIGNMENT.points[name] for name in functions())
        with (folder / "out" / "new" / "scores.csv").open(encoding="utf-8-sig", newline="") as file:
            (row,) = csv.DictReader(file)
        assert (row["total"], row["status"]) == (f"{total:g}", "graded")


def test_the_sandbox_finds_shared_libraries_where_the_machine_does():
    """Python's own may lie where only this list says, as in a container's /usr/local."""
    listing = ["/usr/sbin/ldconfig", "-p"]
    inside = subprocess.run(["bwrap", *_filesystem(), *listing], capture_output=True, text=True, check=True)
    assert inside.stdout == subprocess.run(listing, capture_output=True, text=True, check=True).stdout


def test_a_sandbox_ends_with_its_grader():
    """kill -9 on the grader leaves nothing running, not even what never looks whether it is still there."""
    code = (
        "import os, signal\nfrom mlpcourse.grading.sandbox import Child, ReplyTimeout\n"
        "child = Child()\n"
        "try: child.ask({'do': 'run', 'name': 'x', 'value': '0', 'own': 0, 'cells': {'0': 'while True: pass'}, "
        "'steps': [[0, [0]]]}, b'', 0.5)\n"
        "except ReplyTimeout: os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    assert subprocess.run([sys.executable, "-c", code], timeout=60).returncode == -signal.SIGKILL
    for _ in range(50):
        if not forks():
            return
        threading.Event().wait(0.1)
    raise AssertionError(f"still running: {forks()}")


def test_wrong_answers_of_the_suite_have_no_name(tmp_path: Path):
    """Else an attack could earn a named slip's share and the suite would be blind."""
    (one,) = submissions.find(hand_in(tmp_path / "in", {"plain": answers(WRONG)}))
    assert grade.grade(one, settings(SEED)).total == 0
