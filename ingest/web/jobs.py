"""Runs imports as child processes, one at a time.

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
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Final

from ingest import clock
from ingest.config import Config, make_folder
from ingest.errors import UsageError
from ingest.web.job_state import State, json_object, state_of

if sys.platform == "win32":
    _INTERRUPT: Final = signal.CTRL_BREAK_EVENT
else:
    import fcntl

    _INTERRUPT: Final = signal.SIGINT


class Busy(UsageError):
    """A run is going on already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What a run is to do: options of the command ``run``."""

    exports: tuple[Path, ...] = ()
    dry_run: bool = False
    skip_api: bool = False
    timezone: str = ""

    def arguments(self) -> Iterator[str]:
        """The options and arguments."""
        if self.dry_run:
            yield "--dry-run"
        if self.skip_api:
            yield "--skip-api"
        if self.timezone:
            yield f"--timezone={self.timezone}"
        yield "--"
        yield from map(str, self.exports)


@dataclass(slots=True)
class Jobs:
    """The runs that a page starts."""

    config: Config
    _child: subprocess.Popen[bytes] | None = None
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def start(self, order: Order) -> None:
        """Start a run.

        Raises:
            Busy: one is going on.
            UsageError: it cannot be started.
        """
        make_folder(self._folder)
        with self._lock:
            if self.is_running():
                raise Busy("an import is going on; wait until it has ended, or cancel it")
            try:
                self._start(order)
            except OSError as err:
                raise UsageError(f"no import can be started ({err.strerror or err})") from err

    def _start(self, order: Order) -> None:
        with self._mark.open("wb") as mark:
            _hold(mark)
            with self._result.open("wb") as out, self._messages.open("wb") as err:
                self._child = subprocess.Popen(
                    [*self._command(), *order.arguments()],
                    stdin=subprocess.DEVNULL,
                    stdout=out,
                    stderr=err,
                    env=self._environment(),
                    **_apart(mark),
                )
        facts = {
            "process": self._child.pid,
            "started_at": clock.now().isoformat(),
            "dry_run": order.dry_run,
        }
        self._facts.write_text(json.dumps(facts), encoding="utf-8")

    def _command(self) -> Sequence[str]:
        # The database is not named here, since everybody can see the arguments of a command.
        playground = ("--playground", str(self.config.playground))
        return (sys.executable, "-m", "ingest", "run", "--json", "--progress=json", *playground)

    def _environment(self) -> Mapping[str, str]:
        """The environment of this process, with the database that the page was started with.

        The default is no text, and the child finds it by itself.
        """
        database = self.config.database
        given = {"DATABASE_URL": database} if isinstance(database, str) else {}
        return {**os.environ, **given}

    def is_running(self) -> bool:
        """Whether a run is going on that this page, or one before it, has started."""
        with self._lock:
            if self._child is not None and self._child.poll() is None:
                return True
            return _is_held(self._mark)

    def interrupt(self) -> None:
        """Do as Ctrl-C does; what was imported stays."""
        with self._lock:  # else it could be the process of the run before
            facts = json_object(self._facts) if self.is_running() else None
        if facts is not None:
            with suppress(ProcessLookupError):
                os.kill(facts["process"], _INTERRUPT)

    def end(self, seconds: float) -> None:
        """Interrupt the run that this page has started, and wait for its end."""
        if self._child is not None and self._child.poll() is None:
            self._child.send_signal(_INTERRUPT)
            with suppress(subprocess.TimeoutExpired):
                self._child.wait(seconds)

    def state(self) -> State | None:
        """How far the newest run is; ``None`` if there was none."""
        with self._lock:
            facts, is_running = json_object(self._facts), self.is_running()
        if facts is None:
            return None
        return state_of(facts, is_running=is_running, messages=self._messages, result=self._result)

    @property
    def _folder(self) -> Path:
        return self.config.playground / ".import"

    @property
    def _facts(self) -> Path:
        return self._folder / "run.json"

    @property
    def _result(self) -> Path:
        return self._folder / "result.json"

    @property
    def _messages(self) -> Path:
        """What the run writes to standard error."""
        return self._folder / "progress.jsonl"

    @property
    def _mark(self) -> Path:
        """A file that is locked while a run goes on."""
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
