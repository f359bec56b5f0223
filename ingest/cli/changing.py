"""Defines the commands that change a database beside runs: its content, schema and readers."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import click

from db.terminal import say
from ingest.cli.options import AGE, DATABASE, JSON, PLAYGROUND
from ingest.cli.program import app, exit_codes, read_config, to_copy


@app.command(epilog=to_copy("migrate", "migrate --database postgresql://me@localhost/strava"))
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
    with exit_codes():
        from ingest.commands.maintenance import migrate_only

        for line in migrate_only(read_config(**options), repair):
            say(line)


@app.command(epilog=to_copy("purge --source api", "purge --source api --older-than 7d"))
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
    with exit_codes():
        from ingest.commands.maintenance import purge_api, purged_lines

        config = read_config(**options)
        for line in purged_lines(purge_api(config, older_than), config.invocation):
            say(line)


@app.command(
    epilog=to_copy(
        "forget --export export_77.zip --dry-run",
        "forget --export export_77.zip",
        "forget --file watch/2026-05-01.fit",
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
@click.option(
    "--file",
    "file_name",
    metavar="NAME",
    help="The device file beside exports to forget: its path in the drop folder, or its name.",
)
@click.option("--dry-run", is_flag=True, help="Say what would be forgotten and lost; do nothing.")
@click.option(
    "--accept-loss",
    is_flag=True,
    help="Forget an export or a file although other ones that are needed are not in the drop "
    "folder.",
)
@JSON
def forget(
    *,
    athlete: int | None,
    name: str | None,
    file_name: str | None,
    dry_run: bool,
    accept_loss: bool,
    as_json: bool,
    **options: Any,
) -> None:
    """Remove an athlete, or what an export or a device file said, as if never imported.

    What other exports and the API said stays: the other exports of the athlete are imported again
    from the drop folder. A forgotten export or file is imported again only if `run` names it. A
    SQLite database is copied to `Playground/backups/` before.
    """
    with exit_codes():
        from ingest.commands import forget as forgetting
        from ingest.commands import forget_result
        from ingest.commands.forget_file import forget_loose_file
        from ingest.errors import UsageError
        from ingest.reporting.json_result import say_result
        from ingest.reporting.progress import Progress

        if sum(given is not None for given in (athlete, name, file_name)) != 1:
            raise UsageError(
                "name what to forget: one of --athlete ID, --export NAME and --file NAME"
            )
        if accept_loss and athlete is not None:
            raise UsageError("--accept-loss belongs to --export and --file: all of an athlete goes")
        config = read_config(**options)
        if athlete is not None:
            result = forgetting.forget_athlete(config, athlete, dry_run=dry_run)
        elif name is not None:
            result = forgetting.forget_export(
                config, name, Progress(), dry_run=dry_run, accept_loss=accept_loss
            )
        else:
            assert file_name is not None
            result = forget_loose_file(
                config, file_name, Progress(), dry_run=dry_run, accept_loss=accept_loss
            )
        if as_json:
            say_result(**forget_result.forget_facts(result))
        else:
            for line in forget_result.lines(result):
                say(line)


@app.command(
    "grant-readonly",
    epilog=to_copy(
        "grant-readonly bi --database postgresql://me@localhost/strava",
        "grant-readonly coach --athlete 1001 --athlete 1002 --database "
        "postgresql://me@localhost/strava",
    ),
)
@DATABASE
@PLAYGROUND
@click.option(
    "--athlete",
    "athletes",
    metavar="ID",
    multiple=True,
    type=click.IntRange(min=0),
    help="Let it see the rows of this athlete only (PostgreSQL 15 or newer); for several athletes, "
    "repeat the option.",
)
@click.option("--revoke", is_flag=True, help="Take back all that was granted.")
@click.argument("role")
def grant_readonly(*, role: str, athletes: tuple[int, ...], revoke: bool, **options: Any) -> None:
    """Let a PostgreSQL role read all tables and write none, for BI tools.

    ROLE is the name of the role. It is created if it does not exist. If it was granted before, this
    grant replaces the earlier one.
    """
    with exit_codes():
        from ingest.commands import reading
        from ingest.errors import UsageError

        if revoke and athletes:
            raise UsageError("--revoke takes back everything; leave --athlete out")
        config = read_config(**options)
        lines = reading.take_back(config, role) if revoke else reading.grant(config, role, athletes)
        for line in lines:
            say(line)
