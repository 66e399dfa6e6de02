"""Submissions that attack the grader, each with wrong answers: none may earn a point or harm anything.

An attack is a notebook's cells. ``ATTACK`` stands for the code of one attack, tried at the top of an answer's cell
(an assignment, since bare expressions are not run) and, where said so, in the call. ``MARK`` is replaced by the folder
of canaries, ``PORT`` by a listener's port on the loopback, ``BOOK`` by a gradebook's path.
All are bounded, in case a protection should not hold.
"""

from __future__ import annotations

from textwrap import dedent, indent

from handed_in import answers, notebook

# Wrong and without a name, whatever the fixtures: no slip gives these.
WRONG = {
    "relu": "def relu(z1):\n    return z1 * 0 + 0.123",
    "softmax": "def softmax(z2):\n    return z2 * 0 + 0.123",
    "output_delta": "def output_delta(A2, y):\n    return A2 * 0 + 0.123",
    "grad_w2": "def grad_w2(delta2, A1):\n    return np.zeros((len(delta2), len(A1))) + 0.123",
    "backward": "def backward(w1, b1, w2, b2, X, y):\n    return [p * 0 + 0.123 for p in (w1, b1, w2, b2)]",
}


def at_definition(code: str) -> dict[str, str]:
    """The attack runs when the cell of ``relu`` is run, ahead of everybody else's."""
    body = indent(dedent(code).strip(), "    ")
    return {**WRONG, "relu": f"def _attack():\n{body}\n\n_ = _attack()\n{WRONG['relu']}"}


def at_call(code: str) -> dict[str, str]:
    """The attack runs when ``relu`` is called; what it leaves in ``result`` is returned."""
    body = indent(dedent(code).strip(), "    ")
    return {**WRONG, "relu": f"def relu(z1):\n    result = z1 * 0 + 0.123\n{body}\n    return result"}


def in_class(name: str, code: str) -> dict[str, str]:
    """``relu`` returns an object of the class that the code defines."""
    return {**WRONG, "relu": f"{dedent(code).strip()}\n\ndef relu(z1):\n    return {name}(z1)"}


FORGE = """
import os, struct, gc
def frame(number, values):
    body = struct.pack(">cBB", b"V", 0, 1) + struct.pack(">BII", 2, 1, len(values)) + np.array(values, float).tobytes()
    return struct.pack(">II", number, len(body)) + body
"""

ATTACKS: dict[str, dict[str, str]] = {
    # --- make everything look equal
    "patched allclose": at_definition("np.allclose = np.isclose = np.array_equal = lambda *a, **k: True"),
    "patched asarray": at_definition("np.asarray = np.array = np.ascontiguousarray = lambda *a, **k: 1"),
    "patched exp and where": at_definition("np.exp = np.where = np.maximum = lambda *a, **k: np.ones(3)"),
    "patched builtins": at_definition(
        "import builtins\nbuiltins.abs = builtins.max = builtins.all = lambda *a, **k: True\nbuiltins.len = lambda x: 1"
    ),
    "patched testing and json": at_definition(
        "import json, struct\njson.loads = lambda *a, **k: {}\nstruct.pack = lambda *a: b'right' * 9"
    ),
    "patched numpy internals": at_definition(
        "import numpy._core.numeric as n\nn.isclose = n.array_equal = lambda *a, **k: np.True_"
    ),
    "lying equality": in_class(
        "Yes",
        """
        class Yes(np.ndarray):
            def __new__(cls, like): return np.zeros(like.shape).view(cls)
            def __eq__(self, other): return np.ones(self.shape, bool)
            def __sub__(self, other): return np.zeros(self.shape)
            __rsub__ = __abs__ = __sub__
            def __array_ufunc__(self, *a, **k): return np.zeros(self.shape)
            def __array_function__(self, *a, **k): return True
        """,
    ),
    "lying shape": in_class(
        "Bent",
        """
        class Bent(np.ndarray):
            def __new__(cls, like): return np.zeros(3).view(cls)
            @property
            def shape(self): return (5, 6)
            @property
            def nbytes(self): return 240
            ndim = 2
            size = 30
        """,
    ),
    "lying bytes": in_class(
        "Long",
        """
        class Long(np.ndarray):
            def __new__(cls, like): return np.zeros(like.shape).view(cls)
            def tobytes(self, *a): return b"A" * (1 << 21)
            def __array__(self, *a, **k): return self
        """,
    ),
    "array interface at an address": in_class(
        "Memory",
        """
        class Memory:
            def __init__(self, like): self.shape = like.shape
            @property
            def __array_interface__(self):
                return {"shape": self.shape, "typestr": "<f8", "data": (4096, False), "version": 3}
        """,
    ),
    "float with opinions": in_class(
        "Number",
        """
        class Number(float):
            def __new__(cls, like): return float.__new__(cls, 0.1)
            def __eq__(self, other): return True
            def __float__(self): return 0.2
        """,
    ),
    "NaN everywhere": at_call("result = z1 * np.nan"),
    "infinities": at_call("result = z1 * np.inf"),
    "huge array": at_call("result = np.zeros((4000, 4000))"),
    "many axes": at_call("result = np.zeros((1,) * 30)"),
    "huge shape without memory": at_call("result = np.broadcast_to(0.5, (10**6, 10**6))"),
    "object array": at_call("result = np.array([[object()] * 6] * 5, dtype=object)"),
    "nested lists without end": at_call("result = []\nresult.append(result)"),
    "pickle": in_class(
        "Bomb",
        """
        class Bomb:
            def __init__(self, like): pass
            def __reduce__(self): return (open, ("MARK/pickled", "w"))
        """,
    ),
    "returns the class of an exception": at_call("raise type('Right', (Exception,), {})('right: 100 of 100')"),
    "error with markup": at_call("raise ValueError('<script>alert(1)</script></p><b>100 points</b>')"),
    "error that cannot be told": at_call(
        "class E(Exception):\n    def __str__(self): raise SystemExit\nraise E()"
    ),
    # --- look for the answers
    "import the course": at_call("import mlpcourse.exercises.model_answers as s\nresult = s.relu(z1)"),
    "find the course and its tests on disk": at_call(
        """
        import os
        for folder, inner, files in os.walk("/"):
            for name in inner + files:
                if name in ("mlpcourse", "lesson_01.py", "run.json") or name.startswith("test_grading"):
                    raise SystemError("found " + name)
            if folder.count("/") > 7 or folder.endswith(("/share", "/include", "/proc")): inner.clear()
        """
    ),
    "read shadow": at_call("open('/etc/shadow').read()"),
    "environment": at_call("import os\nassert not [k for k in os.environ if 'SECRET' in k or k == 'HOME']"),
    "read the parent's memory": at_call("import os\nopen(f'/proc/{os.getppid()}/mem', 'rb').read(1)"),
    "frames": at_call(
        """
        import sys
        frame = sys._getframe()
        while frame:
            for value in list(frame.f_locals.values()):
                if callable(getattr(value, "reference", None)): result = value.reference(z1)
            frame = frame.f_back
        """
    ),
    "garbage collector": at_call(
        """
        import gc
        for thing in gc.get_objects():
            if isinstance(thing, dict) and ("expected" in thing or "reference" in thing or "seed" in thing):
                result = thing
        """
    ),
    "patch the runner": at_definition(
        """
        import gc, types
        for f in gc.get_objects():
            if isinstance(f, types.FunctionType) and f.__name__ in ("packed", "calls", "define", "answers"):
                f.__code__ = (lambda *a, **k: b"D").__code__
        """
    ),
    "inherited descriptors": at_call(
        """
        import os
        for fd in range(3, 64):
            try: os.write(fd, b"x" * 100)
            except OSError: pass
        """
    ),
    "the fork server's socket": at_definition(
        """
        import gc, socket
        for thing in gc.get_objects():
            if isinstance(thing, socket.socket):
                thing.send(b'{"end": 1}')
                raise SystemError("connected")
        """
    ),
    "another process's namespaces": at_call(
        """
        import ctypes, os
        for pid in {0, 1, os.getppid(), os.getsid(0)}:
            try: fd = os.pidfd_open(pid)
            except OSError: continue
            if ctypes.CDLL(None).setns(fd, 0x00020000 | 0x10000000) == 0: raise SystemError("joined")
        """
    ),
    # --- forge the protocol
    "forged reply": at_definition(
        FORGE + "for fd in range(3, 16):\n    try: os.write(fd, frame(1, [1.0, 2.0]))\n    except OSError: pass"
    ),
    "forged replies to everything": at_definition(
        FORGE + "for fd in range(3, 16):\n    try: os.write(fd, b''.join(frame(n, [0.0] * 30) for n in range(1, 60)))\n"
        "    except OSError: pass"
    ),
    "forged reply by one who no longer listens": at_definition(
        "import os, struct\nos.close(3)\nos.write(4, struct.pack('>II', 1, 1) + b'D')\nos._exit(0)"
    ),
    "garbage frames": at_call("import os\nfor fd in range(3, 16):\n    try: os.write(fd, os.urandom(4096))\n"
                              "    except OSError: pass"),
    "a reply of another kind": at_definition(
        "import os, struct\nfor fd in range(3, 8):\n    try: os.write(fd, struct.pack('>II', 1, 3) + b'J{}')\n"
        "    except OSError: pass"
    ),
    "the pipes swapped": at_definition(
        "import os\nfor one in range(3, 8):\n    for other in range(3, 8):\n        try: os.dup2(one, other)\n"
        "        except OSError: pass"
    ),
    "other numbers each time": in_class(
        "Turns",
        """
        class Turns:
            asked = 0
            def __init__(self, like): self.like = like
            def __array__(self, *a, **k):
                Turns.asked += 1
                return np.zeros((5, 6)) if Turns.asked % 2 else np.zeros((9, 9, 9))
        """,
    ),
    "a class that says what it likes": in_class(
        "Any",
        """
        class Meta(type):
            __name__ = property(lambda c: 1 / 0)
            def __instancecheck__(c, one): return True
        class Any(metaclass=Meta):
            def __init__(self, like): pass
            def __getattr__(self, name): raise SystemExit(name)
        """,
    ),
    "machine code": at_call(
        """
        import ctypes, mmap
        page = mmap.mmap(-1, 4096, prot=7)
        page.write(bytes.fromhex("b814000000cd80c3"))  # getpid, as a 32-bit program would call it
        called = ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(page)))()
        if called > 0: raise SystemError("found a way around the filter")
        """
    ),
    "frame of four gigabytes": at_call(
        "import os\nfor fd in range(3, 16):\n    try: os.write(fd, b'\\xff' * 64)\n    except OSError: pass"
    ),
    "slow drip": at_call(
        FORGE + """
import time
whole = frame(1, [0.0] * 30)  # a good beginning: it is the first request's number
for sent in range(len(whole)):
    for fd in range(3, 8):
        try: os.write(fd, whole[sent:sent + 1])
        except OSError: pass
    time.sleep(0.1)
"""
    ),
    "fifty megabytes of output": at_call(
        """
        import os, sys
        for _ in range(50):
            print("x" * 1000000)
            os.write(1, b"x" * 1000000); os.write(2, b"x" * 1000000)
            sys.__stdout__.write("x" * 1000000); sys.__stderr__.write("x" * 1000000)
        """
    ),
    # --- end or stall the run
    "os._exit": at_definition("import os\nos._exit(0)"),
    "sys.exit": at_definition("import sys\nsys.exit(0)"),
    "KeyboardInterrupt": at_definition("raise KeyboardInterrupt"),
    "segmentation fault": at_definition("import ctypes\nctypes.string_at(0)"),
    "kill everybody": at_definition(
        "import os, signal\nif os.getpid() < 50: os.kill(-1, signal.SIGKILL)"  # only in a process space of its own
    ),
    "kill the parent": at_definition(
        "import os, signal\nif os.getpid() < 50:\n    for pid in (os.getppid(), 1): os.kill(pid, signal.SIGKILL)"
    ),
    "loop that ignores signals": at_call(
        """
        import signal, time
        for number in range(1, 65):
            try: signal.signal(number, signal.SIG_IGN)
            except (OSError, ValueError): pass
        while True:
            try:
                while True: time.sleep(1)
            except BaseException: pass
        """
    ),
    "recursion": at_call("import sys\nsys.setrecursionlimit(10**9)\nf = lambda n: max(map(f, [n + 1]))\nf(0)"),
    "memory bomb": at_call("kept = [np.empty(1 << 24) for _ in range(16)]\nraise SystemError(f'held {len(kept)}')"),
    "shared memory": at_call(
        """
        import ctypes
        libc = ctypes.CDLL(None)
        if libc.shmget(0, ctypes.c_size_t(1 << 20), 0o1600) >= 0:
            raise SystemError("shared memory")
        """
    ),
    "fork bomb": at_call(
        """
        import os, time
        made = 0
        for _ in range(20):
            try: pid = os.fork()
            except OSError: continue
            if pid == 0:
                time.sleep(5); os._exit(0)
            made += 1
        if made: raise SystemError("forked")
        """
    ),
    "threads": at_call(
        """
        import threading, time
        for _ in range(5): threading.Thread(target=time.sleep, args=(5,), daemon=True).start()
        raise SystemError("threads")
        """
    ),
    "background process": at_call(
        """
        import subprocess
        subprocess.Popen(["/bin/sh", "-c", "sleep 20; touch MARK/later"], start_new_session=True)
        """
    ),
    # --- harm the host
    "writes everywhere": at_call(
        """
        import os, pathlib
        for folder in ("MARK", "/", "/tmp", "/root", "/home", "/usr", "/var/tmp", "/dev/shm", os.getcwd(), "/run"):
            try:
                pathlib.Path(folder, "mlpcourse-was-here").write_text("x")
                raise SystemError("wrote into " + folder)
            except OSError: pass
        """
    ),
    "overwrite the canary": at_call("open('MARK/canary', 'w').write('dead')"),
    "write the gradebook": at_call("import sqlite3\nsqlite3.connect('BOOK').execute('create table forged (x)')"),
    "read the canary": at_call("raise SystemError('read ' + open('MARK/canary').read())"),
    "delete files": at_call("import shutil\nshutil.rmtree('MARK')"),
    "phone home": at_call(
        "import socket\nsocket.create_connection(('127.0.0.1', PORT), timeout=1).sendall(b'answers')\n"
        "raise SystemError('connected')"
    ),
    "listen": at_call("import socket\nsocket.socket().bind(('127.0.0.1', 0))\nraise SystemError('listening')"),
    "abstract socket": at_call(
        "import socket\nsocket.socket(socket.AF_UNIX).bind('\\0mlp')\nraise SystemError('bound')"
    ),
    "ptrace": at_call(
        "import ctypes\nif ctypes.CDLL(None).ptrace(0, 0, 0, 0) == 0: raise SystemError('traced')"
    ),
    "nested namespaces": at_call(
        """
        import ctypes
        if ctypes.CDLL(None).unshare(0x10000000) == 0: raise SystemError("namespace")
        """
    ),
    "become root": at_call("import os\nos.setuid(0)\nraise SystemError('root')"),
    "host's name": at_call("import socket\nsocket.sethostname('forged')\nraise SystemError('renamed')"),
    "raise the limits": at_call(
        """
        import resource
        resource.setrlimit(resource.RLIMIT_AS, (-1, -1))
        raise SystemError("unlimited")
        """
    ),
    "the fork server's limits": at_call(
        """
        import resource
        for pid in {1, __import__("os").getppid()}:
            resource.prlimit(pid, resource.RLIMIT_CPU, (1, 1))
            raise SystemError("connected to the fork server's limits")
        """
    ),
    "asynchronous input and output": at_call(
        "import ctypes\nif ctypes.CDLL(None).syscall(206, 60000, ctypes.byref(ctypes.c_ulong())) >= 0: "
        "raise SystemError('found io_setup')"
    ),
    "a lock on the host's files": at_call(
        "import fcntl, os\nfcntl.flock(os.open('/usr/lib', os.O_RDONLY), fcntl.LOCK_EX | fcntl.LOCK_NB)\n"
        "raise SystemError('held a lock')"
    ),
    "a lease on the host's files": at_call(
        "import fcntl, os\nfcntl.fcntl(os.open('/usr/bin/env', os.O_RDONLY), fcntl.F_NOTIFY, fcntl.DN_ACCESS)\n"
        "raise SystemError('held a lease')"
    ),
    "mount": at_call(
        "import ctypes\nif ctypes.CDLL(None).mount(b'x', b'/tmp', b'tmpfs', 0, 0) == 0: raise SystemError('mounted')"
    ),
    "run another program": at_call("import os\nos.execv('/bin/sh', ['sh', '-c', 'echo x > MARK/shell'])"),
    # --- turn the runner round from inside
    "the runner by its frames": at_call(
        """
        import sys
        frame = sys._getframe()
        while frame:
            if "packed" in frame.f_globals: frame.f_globals["packed"] = lambda *a: b"V\\0\\1\\0" + bytes(8)
            frame = frame.f_back
        """
    ),
    "the runner's compiler": at_definition(
        """
        import sys
        for module in list(sys.modules.values()):
            if hasattr(module, "compiled"):
                module.compiled = lambda *a: compile("softmax = relu = grad_w2 = lambda *a: a[0]", "x", "exec")
        """
    ),
    "planted modules": at_definition(
        """
        import sys, types
        for name in ("reading", "runner", "json", "struct", "io", "inspect", "functools"):
            module = sys.modules[name] = types.ModuleType(name)
            module.pack = module.loads = module.dumps = module.signature = lambda *a, **k: b"V"
        """
    ),
    "builtins removed": at_definition(
        "import builtins\nfor name in ('exec', 'eval', 'compile', 'len', 'isinstance', 'map', 'bytes'):\n"
        "    delattr(builtins, name)"
    ),
    "patched types": at_definition(
        "import builtins\nnp.float64 = np.ndarray = np.dtype = np.frombuffer = lambda *a, **k: 1\n"
        "builtins.type = builtins.tuple = lambda *a: object"
    ),
    "audit hook": at_definition("import sys\nsys.addaudithook(lambda *a: 1 / 0)"),
    "gc callback": at_definition("import gc, os\ngc.callbacks.append(lambda *a: os._exit(0))\ngc.set_threshold(1)"),
    "trace": at_definition(
        "import sys\ndef trace(frame, event, argument):\n    frame.f_locals.get('header', {})['wanted'] = 0\n"
        "    return trace\nsys.settrace(trace)"
    ),
    "a signature that lies": {
        **WRONG, "relu": f"class S:\n    parameters = {{'z1': 1}}\n    def bind(self, *a, **k): raise SystemExit\n"
        f"{WRONG['relu']}\nrelu.__signature__ = S()",
    },
    "right for some calls": {
        "relu": "n = [0]\ndef relu(z1):\n    n[0] += 1\n    return np.maximum(z1, 0) if n[0] <= 8 else z1",
    },
    "a generator without an end": at_call("def every():\n    while True: yield z1\nresult = every()"),
    "a list without an end": in_class(
        "Endless", "class Endless(list):\n    def __init__(self, like): pass\n    def __iter__(self):\n"
        "        while True: yield 1.0"
    ),
    "a name from nowhere": {
        **WRONG, "softmax": "globals()['softmax'] = globals().get('_truth', lambda z2: z2 * 0 + 0.123)",
    },
    "an error with directions": at_call(
        "class E(Exception): pass\nE.__name__ = '\\u202e\\x1b[2Jright'\nraise E('\\u202e\\x1b[31m100 of 100')"
    ),
    "calls that are newer": at_call(
        """
        import ctypes
        for number in (425, 321, 298, 272, 308, 310, 311, 323, 434, 438, 279, 135):
            if ctypes.CDLL(None).syscall(number, 0, 0, 0, 0, 0) >= 0: raise SystemError(f"found {number}")
        """
    ),
    # --- lie in the notebook
    "IPython hooks": at_definition(
        """
        from IPython import get_ipython
        get_ipython().events.register("post_run_cell", lambda *a: open("MARK/hook", "w"))
        """
    ),
    "a check that says right": {
        **WRONG, "relu": "def check(*a): return 'right'\nnp.testing.assert_allclose = check\n" + WRONG["relu"],
    },
    "trees that are kept": at_definition(
        "import ast, gc\nfor one in gc.get_objects():\n    if isinstance(one, ast.FunctionDef):\n"
        "        one.body = ast.parse('return 1').body\n    elif isinstance(one, dict) and 'SILENT' in one:\n"
        "        one['parsed'] = lambda text: ast.parse('relu = abs').body"
    ),
    "a signal by a pipe": at_definition(
        "import fcntl\n"
        "for call in ((fcntl.F_SETOWN, 1), (10, 9), (fcntl.F_SETFL, 0o20000)):\n    for number in (0, 1):\n"
        "        try:\n            fcntl.fcntl(number, *call)\n        except OSError:\n            pass"
    ),
    "the kernel's keys": at_definition(
        "import ctypes\nfor number in (248, 249, 250):\n"
        "    ctypes.CDLL(None).syscall(number, b'user', b'answers', b'secret', 6, -5)"
    ),
    "inputs of another exercise": {
        **WRONG,
        "softmax": "import builtins\ndef softmax(z2):\n    builtins.kept = z2\n    return z2 * 0 + 0.123",
        "output_delta": "import builtins\ndef output_delta(A2, y):\n    return builtins.kept",
    },
    "a module in the way": at_definition(
        "import sys, types\nsys.modules['mlpcourse'] = sys.modules['numpy'] = types.ModuleType('numpy')"
    ),
    "exit handlers": at_definition(
        "import atexit\natexit.register(lambda: open('MARK/exit', 'w'))\natexit._run_exitfuncs()"
    ),
    "a decorator": {**WRONG, "relu": "@(lambda f: open('MARK/decorated', 'w') or f)\n" + WRONG["relu"]},
    "a default argument": {**WRONG, "relu": "def relu(z1, x=open('MARK/default', 'w')):\n    return z1 * 0 + 0.123"},
    "parser stress": {**WRONG, "relu": "relu = " + "(" * 5000 + "1" + ")" * 5000},
    "long chain": {**WRONG, "relu": "relu = " + "-" * 20000 + "1"},
}  # fmt: skip

# Cells of the notebook that are not what they should be: all answers wrong or gone.
NOTEBOOKS: dict[str, list[dict[str, object]]] = {
    "points in the metadata": [
        {"id": "relu", "source": WRONG["relu"], "nbgrader": {"grade_id": "relu", "points": 1000, "grade": True}},
        {"id": "relu", "source": WRONG["relu"], "nbgrader": {"grade_id": "relu", "points": -1000, "grade": True}},
    ],
    "deleted cells": [{"id": "softmax", "source": WRONG["softmax"]}],
    "an edited test cell": [
        {"id": "relu", "source": WRONG["relu"]},
        {
            "id": "test_relu",
            "source": "assert True",
            "nbgrader": {"grade_id": "test_relu", "locked": True, "points": 100},
        },
    ],
    "outputs that say right": [
        {
            "id": "relu",
            "source": WRONG["relu"],
            "outputs": [{"output_type": "stream", "name": "stdout", "text": "right"}],
        },
    ],
}

# --- hostile files: none may cost anybody but itself anything ---------------------------------------------

DIGITS = "0xf" + "f" * 8000
HOSTILE: dict[str, str] = {
    "terms": answers({"find_in_output": "n = 0\nmy_line = " + "+".join(["n"] * 400)}),
    "attributes": answers({"find_in_output": "my_line = n" + ".a" * 600}),
    "digits": answers({"find_in_output": f"my_line = int({DIGITS} % 7)"}),
    "chain of names": notebook([
        *({"source": "\n".join(f"a{n}=a{n + 1}" for n in range(at, at + 800))} for at in range(0, 4000, 800)),
        {"id": "relu", "source": "def relu(z1): return a0"},
    ]),
    "many statements": notebook([{"source": "a;" * 24_000} for _ in range(40)]),
    "many cells": notebook([{"source": "x = 1"} for _ in range(5000)]),
    "brackets": answers({"relu": "relu = " + "(" * 90 + "1" + ")" * 90}),
    "unary": answers({"relu": "def relu(z1): return " + "-" * 20_000 + "z1"}),
    "lambdas": answers({"relu": "relu = " + "lambda: " * 3000 + "1"}),
    "f-strings": answers({"relu": "relu = " + "f'{" * 100 + "1" + "}'" * 100}),
    "comparison": answers({"relu": "relu = " + "1<" * 20_000 + "1"}),
    "indents": answers({"relu": "\n".join(" " * n + "if 1:" for n in range(120)) + "\n" + " " * 120 + "x=1"}),
    "huge integer": notebook([{"source": "x"}]).replace('"x"', "1" * 10_000),
    "deep json": '{"nbformat": 4, "cells": ' + "[" * 100_000 + "]" * 100_000 + "}",
    "control characters": answers({"relu": "def relu(z1): \u001b[2J\u0007\u202e return"}),
    "names": notebook([{"source": f"student = {chr(27)!r} + '[31mred' * 500"}, {"id": "relu", "source": "relu = 3"}]),
    "a student that loops": notebook([
        {"source": "student = ''.join('x' for _ in iter(int, 1))"}, {"id": "relu", "source": "relu = 3"},
    ]),
    "a long derivation": answers({"derive_log_probability": "my_lines = " + repr("\n".join(["A2_k"] * 500))}),
    "nested sums": answers({"derive_log_probability": "my_lines = " + repr("sum_k " * 15 + "A2_k")}),
    "powers": answers({"derive_log_probability": "my_lines = " + repr("(" * 30 + "A2_k + y_k" + ")**9" * 30)}),
    "many indices": answers({
        "derive_input_gradient": "my_lines = 'sum_i sum_j sum_k sum_l sum_m A2_i A1_j y_k A1_l y_m (A2_i + y_k)^6'",
    }),
    "exponents": answers({
        "gate_by_hand": "my_numbers = ['1e300000000', '1e-300000000', '1/0', 'nan']",
        "update_by_hand": f"my_numbers = '{'9' * 9000}, 1/{'9' * 9000}'",
    }),
    "texts": answers({"derive_log_probability": "my_lines = 'A2_k' * 1000000"}),
}  # fmt: skip
