"""``python -m tests.strava``: a simulated Strava in the foreground, to point the importer at
by hand.
"""

from __future__ import annotations

import argparse
import signal
import threading
from collections.abc import Sequence

from tests.strava import Account, Limits, Simulator, account_from_database
from tests.strava.control import HELP

_HOW = """\
# In another terminal: export the lines above (copy them, or eval them), then run the importer.
# The consent page of this Strava is a real page: choose scopes and press a button.
# Control it with curl -X POST '{base}/_sim/...':
"""


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve until Ctrl-C."""
    options = _parser().parse_args(arguments)
    account = _account(options)
    simulator = Simulator(
        account,
        limits=Limits(
            read=options.read_limit, overall=(2 * options.read_limit[0], 2 * options.read_limit[1])
        ),
        client_id=options.client_id,
        client_secret=options.client_secret,
        port=options.port,
    )
    simulator.start()
    try:
        _tell(simulator)
        _wait()
    except KeyboardInterrupt:
        pass  # that is how it is meant to end
    finally:
        simulator.stop()


def _tell(simulator: Simulator) -> None:
    for name, value in simulator.environment.items():
        print(f"{name}={value}", flush=True)
    print(
        f"# {len(simulator.account.activities)} activities of {simulator.account.first_name} "
        f"{simulator.account.last_name}"
    )
    print(
        _HOW.format(base=simulator.bare_api_url)
        + "".join(f"#   {line}\n" for line in HELP.splitlines()),
        end="",
        flush=True,
    )


def _wait() -> None:
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    while not ended.wait(0.5):
        pass  # in short waits: Windows hears Ctrl-C only between them


def _account(options: argparse.Namespace) -> Account:
    if options.database:
        return account_from_database(options.database)
    return Account.synthetic(options.activities, options.seed)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.strava", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="a free one unless told")
    parser.add_argument("--activities", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--database", metavar="URL", help="serve what this database holds")
    parser.add_argument(
        "--read-limit",
        type=_limit,
        default=(100, 1000),
        metavar="100,1000",
        help="per 15 minutes and per day",
    )
    parser.add_argument("--client-id", type=int, default=12345)
    parser.add_argument("--client-secret", default="simulated-secret")
    return parser


def _limit(text: str) -> tuple[int, int]:
    window, _, day = text.partition(",")
    return int(window), int(day)


if __name__ == "__main__":
    main()
