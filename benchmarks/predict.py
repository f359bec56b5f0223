"""Compares predictions of races with what made-up runners, whose truth is known, then ran.

``python -m benchmarks.predict [--seeds 1 2 3] [--database URL --athlete ID]`` prints a table: of
each runner the races, the median error and the error that nine races of ten stay below, of the
model and of each baseline, and how many races the model's 80 % interval held. With a database, its
athlete instead.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmarks.athletes import ATHLETE_ID, ATHLETES, Truth, write_athlete
from db.engine import for_writing, make_engine
from db.migrate import upgrade
from ingest.course.model.backtest import Backtest, RaceRow, backtest, backtest_of
from ingest.course.model.baselines import BASELINES
from ingest.course.model.history import History, history_of
from ingest.course.model.pace_model import fit

_NAMES = ("model", *BASELINES)
_GRADES = np.array([-0.2, -0.1, -0.05, 0.05, 0.1, 0.2])


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--database", metavar="URL", help="of an athlete to predict instead")
    parser.add_argument("--athlete", type=int, default=ATHLETE_ID)
    parser.add_argument("--sport", default="Run")
    options = parser.parse_args(arguments)
    print(f"{'athlete':<14}{'races':>6}" + "".join(f"{name:>18}" for name in _NAMES) + "  held")
    if options.database:
        with make_engine(options.database).connect() as connection:
            _print(str(options.athlete), backtest(connection, options.athlete, sport=options.sport))
        return
    for truth in ATHLETES:
        every: list[RaceRow] = []
        for seed in options.seeds:
            history = made_history(truth, seed)
            found = backtest_of(history)
            _print(f"{truth.name}, {seed}", found)
            every += found.rows
        _print(truth.name, Backtest(rows=every))
        _print_curve(truth, history)


def made_history(truth: Truth, seed: int) -> History:
    """The runs of one runner, read from a database."""
    with tempfile.TemporaryDirectory() as folder:
        engine = for_writing(make_engine(f"sqlite:///{Path(folder, 'made.db').as_posix()}"))
        upgrade(engine, None)
        with engine.begin() as connection:
            write_athlete(connection, truth, seed)
            history = history_of(connection, ATHLETE_ID, sport="Run")
        engine.dispose()
    return history


def _print(name: str, found: Backtest) -> None:
    errors = "".join(
        f"{_percent(found.median_error[name]):>11}{_percent(found.p90_error[name]):>7}"
        for name in _NAMES
    )
    held = "" if found.coverage is None else f"{found.coverage:>6.0%}"
    print(f"{name:<14}{found.races:>6}{errors}{held}", flush=True)


def _percent(share: float | None) -> str:
    return "" if share is None else f"{share:.1%}"


def _print_curve(truth: Truth, history: History) -> None:
    """The truth beside what was found from the runs of the last seed."""
    began = time.perf_counter()
    model = fit(history)
    seconds = time.perf_counter() - began
    for name, factor in (("true", truth.factor), ("found", model.curve.factor)):
        print(
            f"  {name:<8}"
            + "".join(f"{value:>7.2f}" for value in factor(_GRADES))
            + f"  at {_GRADES}"
        )
    exponent = model.endurance.exponent if model.endurance else 0
    print(f"  exponent {truth.exponent:.3f}, found {exponent:.3f}; fitted in {seconds:.1f} s")


if __name__ == "__main__":
    main()
