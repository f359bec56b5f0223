"""Defines the commands, and turns how they end into exit codes.

0 done, 1 the run failed, 2 wrong usage, 3 Strava's limit of requests is reached.

A command loads what it needs when it is called, so that help is there at once. The module uses
click itself, not typer: since typer builds on pydantic, it takes a tenth of a second of every run.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from db.errors import Advised
from db.interrupts import keep_ctrl_c
from db.invocation import Invocation, examples, program
from db.json_usage import JsonCommand, JsonGroup
from db.progress import PROGRESS, ProgressView, progress_view
from db.terminal import PlainConsole, fail, failed_output, json_line, prepare_streams, say
from ingest import __version__
from ingest.cli_options import AGE, DATABASE, JSON, PLAYGROUND, QUIET, VERBOSE, of_predict, of_run
from ingest.reporting.json_result import failure

if TYPE_CHECKING:
    from ingest.config import Config

#: How messages name this program.
_NAME: Final = "strava-ingest"


def _examples(*commands: str) -> str:
    return examples(program(), *commands)


class _Command(JsonCommand):
    failure = staticmethod(failure)


class _Program(JsonGroup):
    """Has the commands of this module, and the exporters, which are loaded when they are wanted."""

    command_class = _Command

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted([*super().list_commands(ctx), "export", "report"])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in ("export", "report"):
            return super().get_command(ctx, cmd_name)
        from exporters.cli import app as exporters

        return exporters if cmd_name == "export" else exporters.commands["report"]


@click.group(
    cls=_Program,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    epilog=_examples("demo", "run", "report", "export csv", "run --help"),
)
@click.version_option(__version__, message="strava-ingest %(version)s")
def app() -> None:
    """Import your Strava account export, and newer activities from the API, into a SQL database.

    To look around first, use `demo`. To import your own data, put an export ZIP into
    "Playground/Strava Export/" and use `run`. To fetch what is newer than the export, use
    `connect`.
    """


@app.command(
    epilog=_examples(
        "run",
        "run --dry-run",
        "run ~/Downloads/export_12345.zip",
        "run --database postgresql://me@localhost/strava --timezone Europe/Berlin",
        "run --quiet --strict",
        "run --sweep --wait",
    )
)
@click.argument(
    "exports", metavar="[EXPORT]...", nargs=-1, type=click.Path(path_type=Path), required=False
)
@DATABASE
@PLAYGROUND
@of_run
@QUIET
@JSON
@VERBOSE
def run(*, progress: str, quiet: bool, as_json: bool, verbose: bool, **options: Any) -> None:
    """Import new and changed exports, then newer activities from the API.

    Exports are read from the folder "Strava Export" in the playground. With EXPORT, a ZIP or an
    unpacked folder, only that one is read, from where it lies; several can be given. The API is
    asked only after `connect`.
    """
    options |= {name: day.date() for name in ("begin", "end") if (day := options[name]) is not None}
    with _errors_to_exit_codes():
        from ingest.commands.run import import_new, tell

        config = _config(**options)
        is_json = progress == "json"
        report = import_new(config, quiet=quiet, verbose=verbose, json_progress=is_json)
        code = tell(report, config, quiet=quiet, as_json=as_json)
    sys.exit(code)


@app.command(epilog=_examples("demo", "demo --activities 2000"))
@PLAYGROUND
@click.option(
    "--activities",
    metavar="N",
    type=click.IntRange(min=1),
    default=240,
    show_default=True,
    help="Number of activities to make.",
)
@PROGRESS
@QUIET
@JSON
@VERBOSE
def demo(
    *,
    playground: Path | None,
    activities: int,
    progress: str,
    quiet: bool,
    as_json: bool,
    verbose: bool,
) -> None:
    """Import the export of a synthetic athlete into demo.db, and draw a page of charts of it.

    Your own database is not touched.
    """
    is_json = progress == "json"
    with _errors_to_exit_codes():
        from db.environment import demo_database
        from ingest.commands.run import import_new, tell
        from ingest.config import make_folder

        config = _config(playground=playground)
        database = str(demo_database(config.playground))
        config = replace(
            config,
            database=database,
            skip_api=True,
            timezone=None,
            invocation=Invocation(database=database),
        )
        make_folder(config.drop)
        is_silent = quiet or (as_json and not is_json)
        view = progress_view(PlainConsole(stderr=True), is_silent, is_json)
        _build_demo(config.drop, activities, view)
        report = import_new(config, quiet=quiet, verbose=verbose, json_progress=is_json)
        page = config.playground.absolute() / "demo.html"
        _draw_report(config, page)
        code = tell(report, config, quiet=quiet, as_json=as_json, page=page)
    sys.exit(code)


@app.command(
    epilog=_examples(
        "status", "status --database postgresql://me@localhost/strava", "status --json"
    )
)
@DATABASE
@PLAYGROUND
@JSON
def status(*, as_json: bool, **options: Any) -> None:
    """Show what is in the database, when it was imported, and from where."""
    with _errors_to_exit_codes():
        from ingest.commands.status import show_status

        show_status(_config(**options), as_json)


@app.command(epilog=_examples("issues", "issues --all", "issues --json"))
@DATABASE
@PLAYGROUND
@click.option("--all", "every", is_flag=True, help="List all inputs, not only ten of each reason.")
@JSON
def issues(*, every: bool, as_json: bool, **options: Any) -> None:
    """List inputs that were not read completely or were corrected, by reason.

    Activities that are no longer on Strava are listed, too.
    """
    with _errors_to_exit_codes():
        from ingest.commands.issues import show_issues

        config = _config(**options)
        show_issues(config, as_json=as_json, every=every)


@app.command(epilog=_examples("migrate", "migrate --database postgresql://me@localhost/strava"))
@DATABASE
@PLAYGROUND
@click.option(
    "--repair",
    is_flag=True,
    help="Before that, delete rows that belong to a missing activity or gear, and empty references "
    "to missing rows where that is enough. Make a backup first.",
)
def migrate(*, repair: bool, **options: Any) -> None:
    """Bring the database up to date after an update; `run` does this, too."""
    with _errors_to_exit_codes():
        from ingest.commands.maintenance import migrate_only

        for line in migrate_only(_config(**options), repair):
            say(line)


@app.command(
    epilog=_examples(
        "serve",
        "serve --no-browser --port 0",
        "serve --host 0.0.0.0 --password-file Playground/page-password.txt",
    )
)
@DATABASE
@PLAYGROUND
@click.option(
    "--host",
    metavar="HOST",
    default="127.0.0.1",
    show_default=True,
    help="Address or name of this machine to serve the page on; 0.0.0.0 for all of them. Beyond "
    "127.0.0.1, other machines reach the page, so it needs --password-file.",
)
@click.option(
    "--port",
    metavar="N",
    type=click.IntRange(0, 65535),
    default=8724,
    show_default=True,
    help="Port of this machine to serve the page on; 0 for any free port.",
)
@click.option(
    "--password-file",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="File whose first line is a password of at least 12 characters; only you may read it "
    "(chmod 600). The page then asks for the password.",
)
@click.option(
    "--allowed-host",
    "allowed_hosts",
    metavar="NAME",
    multiple=True,
    help="Name under which a reverse proxy on this machine serves the page, such as "
    "strava.example.org; for several names, repeat the option.",
)
@click.option("--no-browser", is_flag=True, help="Print the address only, and open no browser.")
@click.option(
    "--on-exit",
    type=click.Choice(["interrupt", "continue"]),
    default="interrupt",
    show_default=True,
    help="What becomes of an import or export that goes on when the page is ended. What was "
    "imported is kept in any case.",
)
def serve(
    *,
    host: str,
    port: int,
    password_file: Path | None,
    allowed_hosts: tuple[str, ...],
    no_browser: bool,
    on_exit: str,
    **options: Any,
) -> None:
    """Show your data in a browser, on a page of this machine, until Ctrl-C.

    The address that is printed opens the page once; nobody else on the machine can. Other machines
    come in only with --host and a password.
    """
    with _errors_to_exit_codes():
        from ingest.web.server import serve as run_server

        config = _config(**options)
        run_server(
            config,
            host=host,
            port=port,
            password_file=password_file,
            allowed_hosts=allowed_hosts,
            open_browser=not no_browser,
            interrupt_on_exit=on_exit == "interrupt",
        )


@app.command(epilog=_examples("connect", "connect --paste", "connect --no-browser --port 0"))
@PLAYGROUND
@click.option(
    "--paste",
    is_flag=True,
    help="For a machine without a browser: agree on another machine, then paste the address that "
    "its browser shows at the end.",
)
@click.option(
    "--port",
    metavar="N",
    type=click.IntRange(0, 65535),
    default=8723,
    show_default=True,
    help="Port of this machine that Strava sends the browser back to; 0 for any free port.",
)
@click.option(
    "--no-browser",
    is_flag=True,
    help="Print the address of Strava's page, and open no browser.",
)
def connect(*, playground: Path | None, paste: bool, port: int, no_browser: bool) -> None:
    """Let this program read your Strava account through the API."""
    with _errors_to_exit_codes():
        from ingest.commands.connect import connect as ask

        config = _config(playground=playground)
        ask(config, paste=paste, port=port, open_browser=not no_browser)


@app.command(epilog=_examples("disconnect"))
@PLAYGROUND
def disconnect(*, playground: Path | None) -> None:
    """Revoke the access at Strava and delete the tokens here; imported data stays."""
    with _errors_to_exit_codes():
        from ingest.commands.connect import disconnect as end

        end(_config(playground=playground))


@app.command(epilog=_examples("purge --source api", "purge --source api --older-than 7d"))
@DATABASE
@PLAYGROUND
@click.option(
    "--source",
    type=click.Choice(["api"]),
    required=True,
    expose_value=False,  # there is no other choice yet
    help="Which data to remove: those that came from the API.",
)
@click.option(
    "--older-than",
    metavar="AGE",
    type=AGE,
    help="Remove only what was fetched longer ago than this: 36h, 7d or 2w.",
)
def purge(*, older_than: timedelta | None, **options: Any) -> None:
    """Remove data that came from the Strava API.

    Activities that an export holds stay, with the export's values. Activities that came only from
    the API are deleted, and not fetched again unless `run --strava-begin` asks for their days.
    """
    with _errors_to_exit_codes():
        from ingest.commands.maintenance import purge_api, purged_lines

        config = _config(**options)
        for line in purged_lines(purge_api(config, older_than), config.invocation):
            say(line)


@app.command(
    epilog=_examples(
        "forget --export export_77.zip --dry-run",
        "forget --export export_77.zip",
        "forget --athlete 77",
    )
)
@DATABASE
@PLAYGROUND
@click.option("--athlete", metavar="ID", type=click.IntRange(min=0), help="The athlete to remove.")
@click.option(
    "--export",
    "name",
    metavar="NAME",
    help="The export to forget, as `status` and the drop folder name it.",
)
@click.option("--dry-run", is_flag=True, help="Say what would be forgotten and lost; do nothing.")
@click.option(
    "--accept-loss",
    is_flag=True,
    help="Forget an export although other ones that are needed are not in the drop folder.",
)
@JSON
def forget(
    *,
    athlete: int | None,
    name: str | None,
    dry_run: bool,
    accept_loss: bool,
    as_json: bool,
    **options: Any,
) -> None:
    """Remove an athlete, or what an export said, as if it had never been imported.

    What other exports and the API said stays: the other exports of the athlete are imported again
    from the drop folder. A forgotten export is imported again only if `run` names it. A SQLite
    database is copied to `Playground/backups/` before.
    """
    with _errors_to_exit_codes():
        from ingest.commands import forget as forgetting
        from ingest.commands import forget_result
        from ingest.errors import UsageError
        from ingest.reporting.json_result import say_result
        from ingest.reporting.progress import Progress

        if (athlete is None) == (name is None):
            raise UsageError("name what to forget: either --athlete ID or --export NAME")
        config = _config(**options)
        if athlete is not None:
            result = forgetting.forget_athlete(config, athlete, dry_run=dry_run)
        else:
            assert name is not None
            result = forgetting.forget_export(
                config, name, Progress(), dry_run=dry_run, accept_loss=accept_loss
            )
        if as_json:
            say_result(**forget_result.facts(result))
        else:
            for line in forget_result.lines(result):
                say(line)


@app.command(
    "grant-readonly",
    epilog=_examples("grant-readonly bi --database postgresql://me@localhost/strava"),
)
@DATABASE
@PLAYGROUND
@click.argument("role")
def grant_readonly(*, role: str, **options: Any) -> None:
    """Let a PostgreSQL role read all tables and write none, for BI tools.

    ROLE is the name of the role. It is created if it does not exist.
    """
    with _errors_to_exit_codes():
        from ingest.commands.maintenance import grant_readonly as grant

        for line in grant(_config(**options), role):
            say(line)


@app.command(
    epilog=_examples(
        "predict course.gpx",
        "predict course.gpx --date 2026-10-04 --start 9:00 --stops 2@10,5@21 --out plan.html",
        "predict course.gpx --goal 4:00:00 --out plan.gpx",
        "predict --distance 25 --climb 1200",
        "predict --activity 12345678901 --json",
        "predict --backtest",
    )
)
@click.argument("course", required=False, type=click.Path(path_type=Path))
@DATABASE
@PLAYGROUND
@of_predict
@JSON
def predict(
    *,
    course: Path | None,
    database: str | None,
    playground: Path | None,
    backtest: bool,
    as_json: bool,
    **options: Any,
) -> None:
    """Predict how long a course will take you, by your own past runs.

    COURSE is a GPX route or track, or a TCX or FIT course or activity. The prediction is a table
    of each kilometre (or mile, if you see miles on Strava) and a total, which four times of five
    lies in the interval beside it. How well past races would have been predicted is told, too.
    """
    with _errors_to_exit_codes():
        from ingest.course.command import predict_course, predict_past_races
        from ingest.course.request import make_request

        config = _config(database=database, playground=playground)
        request = make_request(file=course, **options)
        if backtest:
            predict_past_races(config, request, as_json=as_json)
        else:
            predict_course(config, request, as_json=as_json)


def _config(**options: Any) -> Config:
    """What the command is to do, by its options, the environment and ``.env``."""
    from db.environment import load_environment
    from ingest.config import make_config

    return make_config(load_environment(), **options)


def _build_demo(drop: Path, activities: int, view: ProgressView) -> None:
    from ingest.demo import EXPORT_NAME, build_export

    with view:
        view.say(f"Building a synthetic export of {activities:,} activities in {drop} ...")
        view.begin(EXPORT_NAME, activities, "activities")
        build_export(drop / EXPORT_NAME, activities=activities, progress=lambda _: view.advance())


def _draw_report(config: Config, page: Path) -> None:
    from exporters.cli import app as exporters

    database = ["--database", str(config.database), "--out", str(page)]
    exporters.commands["report"].main(
        [*database, "--overwrite", "--quiet"], prog_name="strava-ingest", standalone_mode=False
    )


@contextmanager
def _errors_to_exit_codes() -> Iterator[None]:
    try:
        yield
    except Advised as err:
        invocation = Invocation.of(click.get_current_context().params)
        _tell_failure(invocation.sentence(err))
        fail(err.exit_code, *invocation.lines(err))
    except KeyboardInterrupt:
        _tell_failure("interrupted")
        fail(1, f"{_NAME}: interrupted")
    except OSError:  # of standard output
        raise
    except Exception as err:  # an error of ours: Python shows where it is
        _tell_failure(f"unexpected error: {err!r}")
        raise


def _tell_failure(error: str) -> None:
    """Print the failure as JSON, too, if that was asked for."""
    context = click.get_current_context()
    if context.params.get("as_json"):
        say(json_line(failure(context.info_name, error)))


def main() -> None:
    """The console script."""
    prepare_streams()
    keep_ctrl_c()
    try:
        app(prog_name=program())
    except OSError as err:
        sys.exit(failed_output(_NAME, err))
