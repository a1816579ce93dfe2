"""Worker processes on this machine: tasks done outside Python's global lock.

Blocks are a great many short operations, which threads of one process hinder each other at. A
worker is a fresh interpreter that runs `serve` and is given its work through its standard input;
unlike those of `multiprocessing` it does not run the user's script again. One that dies is
replaced and its task run again.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import subprocess
import sys
from collections.abc import Callable
from threading import Lock, local
from types import TracebackType
from typing import Any

from riskmc.errors import RunError
from riskmc.summaries import Interrupted

_PROGRAM = "import sys; sys.path[:] = {path!r}; from riskmc.runs.processes import serve; serve()"
#: How often a task is given to a new worker before the run fails.
_TRIES = 3


class Processes:
    """Workers, one for each thread that asks; stopped at the end of the context."""

    def __init__(self) -> None:
        self._mine = local()
        self._children: set[_Child] = set()
        self._lock = Lock()
        self._stopped = False

    def __enter__(self) -> Processes:
        """Give the workers; they start when asked."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop every worker."""
        self.stop()

    def call(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """Have this thread's worker call a function, and return or raise what it does.

        Raises Interrupted when stopped, RunError where workers keep dying.
        """
        for _ in range(_TRIES):
            child = self._child()
            try:
                done, value = child.call(function, arguments)
            except (EOFError, OSError, ValueError, pickle.UnpicklingError):  # it is no more
                self._drop(child)
                if self._stopped:
                    raise Interrupted from None
                continue
            if done:
                return value
            raise value
        raise RunError(
            f"a worker process died {_TRIES} times at the same blocks, perhaps out of "
            "memory: ask for fewer workers and run the same command to resume"
        )

    def stop(self) -> None:
        """Stop every worker at once, whatever it is doing."""
        with self._lock:
            self._stopped = True
            children, self._children = self._children, set()
        for child in children:
            child.stop()

    def _child(self) -> _Child:
        child: _Child | None = getattr(self._mine, "child", None)
        if child is None:
            with self._lock:
                if self._stopped:
                    raise Interrupted
                child = self._mine.child = _Child()
                self._children.add(child)
        return child

    def _drop(self, child: _Child) -> None:
        self._mine.child = None
        with self._lock:
            self._children.discard(child)
        child.stop()


class _Child:
    """One worker process, and the pipes to it."""

    def __init__(self) -> None:
        program = _PROGRAM.format(path=sys.path)
        self._process = subprocess.Popen(
            [sys.executable, "-c", program],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            process_group=0,  # Ctrl-C is for the parent, which stops us
        )

    def call(self, function: Callable[..., Any], arguments: tuple[Any, ...]) -> tuple[bool, Any]:
        """Return whether the function was done, and what it returned or raised."""
        process = self._process
        if process.stdin is None or process.stdout is None:
            raise EOFError
        pickle.dump((function, arguments), process.stdin)
        process.stdin.flush()
        answer: tuple[bool, Any] = pickle.load(process.stdout)
        return answer

    def stop(self) -> None:
        """Stop the process and let go of its pipes."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()


def serve() -> None:
    """Do what standard input asks and answer on standard output, until the parent exits."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # whatever prints does not get in between
    with contextlib.suppress(EOFError, BrokenPipeError):
        while True:
            function, arguments = pickle.load(sys.stdin.buffer)
            pickle.dump(_answer(function, arguments), answers)
            answers.flush()


def _answer(function: Callable[..., Any], arguments: tuple[Any, ...]) -> tuple[bool, Any]:
    try:
        return True, function(*arguments)
    except Exception as error:
        try:
            pickle.loads(pickle.dumps(error))
        except Exception:
            return False, RunError(f"a worker process failed: {error!r}")
        return False, error
