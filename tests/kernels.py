"""Kernels whose sockets are files: a port that is free when it is chosen may be taken when the kernel starts.

nbval's kernels are forks of a process in which the libraries are imported that the course uses, which took most of a
second for each notebook. The course itself is imported by the notebook, since it finds the notebook's shell then.
"""

from __future__ import annotations

import functools
import itertools
import multiprocessing
import os
import signal
import sys
import tempfile
from typing import TextIO

from jupyter_client import BlockingKernelClient, KernelManager
from jupyter_client.connect import write_connection_file
from traitlets.config import Config

NUMBERS = itertools.count()
IMPORTED = ["ipykernel.kernelapp", "anywidget", "lark", "matplotlib.figure", "sympy.tensor.tensor"]


@functools.cache
def folder() -> tempfile.TemporaryDirectory[str]:
    """Where the sockets are, until this process ends. A socket's path has room for a hundred letters."""
    return tempfile.TemporaryDirectory()


def new_path() -> str:
    return os.path.join(folder().name, str(next(NUMBERS)))


def over_files() -> Config:
    """What makes a kernel manager's kernel, or a notebook client's, use files. Windows has none for this."""
    return Config() if os.name == "nt" else Config(KernelManager={"transport": "ipc", "ip": new_path()})


class Fork:
    """A kernel, with what nbval asks of its manager."""

    def __init__(self, cwd: str) -> None:
        path = new_path()
        self.file, _ = write_connection_file(f"{path}.json", transport="ipc", ip=path)
        forks = multiprocessing.get_context("forkserver")
        forks.set_forkserver_preload(IMPORTED)
        self.process = forks.Process(target=_run, args=(self.file, cwd), daemon=True)
        self.process.start()

    def client(self) -> BlockingKernelClient:
        client = BlockingKernelClient(connection_file=self.file)
        client.load_connection_file()
        return client

    def is_alive(self) -> bool:
        return self.process.is_alive()

    def interrupt_kernel(self) -> None:
        if self.is_alive():
            os.kill(self.process.pid, signal.SIGINT)

    def shutdown_kernel(self, now: bool = True) -> None:
        self.process.kill()
        self.process.join()


def _run(file: str, cwd: str) -> None:
    from ipykernel.kernelapp import IPKernelApp  # where it is imported, progress bars are a notebook's

    os.chdir(cwd)
    # It ends with the process that it was forked from.
    IPKernelApp.launch_instance(["-f", file, f"--IPKernelApp.parent_handle={os.getppid()}"])


def start(
    startup_timeout: float, kernel_name: str, stderr: TextIO, cwd: str
) -> tuple[Fork | KernelManager, BlockingKernelClient]:
    """For nbval: the manager of a kernel in the folder ``cwd``, and a client. Why a kernel dies is seen."""
    stderr.close()
    if sys.platform == "linux":
        kernel = Fork(cwd)
    else:
        kernel = KernelManager(config=over_files())
        kernel.start_kernel(cwd=cwd)
    client = kernel.client()
    client.start_channels()
    client.wait_for_ready(timeout=startup_timeout)
    return kernel, client
