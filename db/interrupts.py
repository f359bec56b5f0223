"""Makes Ctrl-C end the program once, in a sentence, wherever it comes."""

from __future__ import annotations

import _thread
import logging
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

#: Seconds until a lost Ctrl-C comes again; by then the code that lost it has ended.
_AGAIN_S: Final = 0.05


def keep_ctrl_c() -> None:
    """Raise a ``KeyboardInterrupt`` again that came where Python ignores errors.

    In a destructor or a callback of a weak reference, Python prints a traceback and goes on as if
    nothing had been pressed. SQLAlchemy logs one that comes while it closes a connection.
    """
    sys.unraisablehook = _raise_again
    # SIGTERM (a shutdown, ``timeout``) must leave as little behind as Ctrl-C does.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    logging.getLogger("sqlalchemy.pool").addHandler(logging.NullHandler())


def _raise_again(lost: Any) -> None:
    if lost.exc_type is not KeyboardInterrupt:
        sys.__unraisablehook__(lost)
        return
    timer = threading.Timer(_AGAIN_S, _interrupt)
    timer.daemon = True
    timer.start()


def _interrupt() -> None:
    if os.name == "nt":
        _thread.interrupt_main()
    else:  # a real signal, which also ends a call that waits
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)


@contextmanager
def without_ctrl_c() -> Iterator[None]:
    """Keep Ctrl-C from processes that are started in this block; this one gets it afterwards.

    It would end them with a traceback until they have called ``follow_parent``. Windows cannot hold
    a signal back.
    """
    if os.name == "nt":
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
