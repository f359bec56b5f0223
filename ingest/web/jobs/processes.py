"""Runs commands that take long as child processes, one of a kind at a time.

The child is the same command as in a terminal. It writes into files of a folder in the playground,
so it can outlive the page, and a page that is started later finds it again.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Final

from ingest import clock
from ingest.config import Config
from ingest.errors import UsageError
from ingest.folders import make_folder
from ingest.web.jobs.state import State, json_object, state_of

if sys.platform == "win32":
    _INTERRUPT: Final = signal.CTRL_BREAK_EVENT
else:
    import fcntl

    _INTERRUPT: Final = signal.SIGINT


class Busy(UsageError):
    """A job of this kind is going on already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A command that a job is to run; it must have the options that every job is given."""

    command: tuple[str, ...]
    arguments: Sequence[str] = ()
    #: What the page remembers of it, as JSON can hold it.
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Jobs:
    """The jobs of one kind that a page starts."""

    config: Config
    #: The kind, as people call it: ``import`` or ``export``.
    kind: str
    _child: subprocess.Popen[bytes] | None = None
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def start(self, order: Order) -> None:
        """Start a job.

        Raises:
            Busy: one of its kind is going on.
            UsageError: it cannot be started.
        """
        if any("\0" in argument for argument in order.arguments):  # no command can be given one
            raise UsageError("a field has a character that cannot be; type it again")
        make_folder(self._folder)
        with self._lock:
            if self.is_running():
                raise Busy(f"an {self.kind} is going on; wait until it has ended, or cancel it")
            try:
                self._start(order)
            except OSError as err:
                raise UsageError(f"no {self.kind} can be started ({err.strerror or err})") from err

    def _start(self, order: Order) -> None:
        with self._mark.open("wb") as mark:
            _hold(mark)
            with self._result.open("wb") as out, self._messages.open("wb") as err:
                self._child = subprocess.Popen(
                    [*self._command(order), *order.arguments],
                    stdin=subprocess.DEVNULL,
                    stdout=out,
                    stderr=err,
                    env=self._environment(),
                    **_apart(mark),
                )
        started = {"process": self._child.pid, "started_at": clock.now().isoformat()}
        facts = {**order.facts, **started}
        self._facts.write_text(json.dumps(facts), encoding="utf-8")

    def _command(self, order: Order) -> Sequence[str]:
        # The database is not named here, since everybody can see the arguments of a command.
        given = ("--json", "--progress=json", "--playground", str(self.config.playground))
        return (sys.executable, "-m", "ingest", *order.command, *given)

    def _environment(self) -> Mapping[str, str]:
        """The environment of this process, with the database that the page was started with.

        The default is no text, and the child finds it by itself.
        """
        database = self.config.database
        given = {"DATABASE_URL": database} if isinstance(database, str) else {}
        return {**os.environ, **given}

    def is_running(self) -> bool:
        """Whether a job is going on that this page, or one before it, has started."""
        with self._lock:
            if self._child is not None and self._child.poll() is None:
                return True
            return _is_held(self._mark)

    def interrupt(self) -> None:
        """Do as Ctrl-C does; what was written stays."""
        with self._lock:  # else it could be the process of the job before
            facts = json_object(self._facts) if self.is_running() else None
        if facts is not None:
            with suppress(ProcessLookupError):
                os.kill(facts["process"], _INTERRUPT)

    def end(self, seconds: float) -> None:
        """Interrupt the job that this page has started, and wait for its end."""
        if self._child is not None and self._child.poll() is None:
            self._child.send_signal(_INTERRUPT)
            with suppress(subprocess.TimeoutExpired):
                self._child.wait(seconds)

    def state(self) -> State | None:
        """How far the newest job is; ``None`` if there was none."""
        with self._lock:
            facts, is_running = json_object(self._facts), self.is_running()
        if facts is None:
            return None
        return state_of(facts, is_running=is_running, messages=self._messages, result=self._result)

    @property
    def _folder(self) -> Path:
        return self.config.playground / f".{self.kind}"

    @property
    def _facts(self) -> Path:
        return self._folder / "run.json"

    @property
    def _result(self) -> Path:
        return self._folder / "result.json"

    @property
    def _messages(self) -> Path:
        """What the job writes to standard error."""
        return self._folder / "progress.jsonl"

    @property
    def _mark(self) -> Path:
        """A file that is locked while a job goes on."""
        return self._folder / "running.lock"


def _apart(mark: IO[bytes]) -> dict[str, Any]:
    """Options that keep Ctrl-C in the page's terminal from the child, and hand it the mark."""
    if sys.platform == "win32":
        return {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
    return {"start_new_session": True, "pass_fds": (mark.fileno(),)}


def _hold(mark: IO[bytes]) -> None:
    """Lock the mark. The child inherits the lock and holds it until it ends, however it ends."""
    if sys.platform != "win32":
        fcntl.flock(mark, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _is_held(mark: Path) -> bool:
    """Whether a child of an earlier page holds the mark; Windows cannot hand locks on."""
    if sys.platform == "win32":
        return False
    try:
        with mark.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False
