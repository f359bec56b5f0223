"""Builds one frozen ``Config`` from options, environment and ``.env``, once per run."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from sqlalchemy.engine import URL

from db.environment import database_of, drop_folder_of, playground_of
from db.invocation import Invocation
from ingest import clock
from ingest.errors import UsageError, storable
from ingest.transform.timezones import home_zone

API_URL: Final = "https://www.strava.com/api/v3"
OAUTH_URL: Final = "https://www.strava.com/oauth"
_THIS_MACHINE: Final = ("127.0.0.1", "localhost", "::1")
#: Seconds that an answer of the API may take.
_TIMEOUT_S: Final = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiConfig:
    """Where Strava is, and the API app that the environment names."""

    api_url: str = API_URL
    oauth_url: str = OAUTH_URL
    timeout_s: float = _TIMEOUT_S
    client_id: int | None = None
    client_secret: str | None = field(default=None, repr=False)


#: Default bound of the device files in one export; the largest exports known have 4 GB of them.
MAX_EXPORT_BYTES: Final = 20 * 10**9


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiOptions:
    """What a run is to fetch from the API."""

    begin: date | None = None
    end: date | None = None
    #: Sports to fetch, in lower case; empty for all.
    sports: frozenset[str] = frozenset()
    sweep: bool = False
    enrich: bool = False
    limit: int | None = None
    max_requests: int | None = None
    wait: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """What a run is to do."""

    playground: Path
    #: URL of the database, left out of ``repr`` because it may hold a password.
    database: URL | str = field(repr=False)
    timezone: str | None = None
    jobs: int = 1
    dry_run: bool = False
    strict: bool = False
    verify: bool = False
    accept_vanished: bool = False
    drop_folder: Path | None = None
    #: Whose loose files are whose place does not tell.
    athlete_id: int | None = None
    #: Exports to import in place of those in the drop folder.
    exports: tuple[Path, ...] = ()
    skip_api: bool = False
    skip_export: bool = False
    #: Bytes of device files that are read of one export.
    max_export_bytes: int = MAX_EXPORT_BYTES
    api: ApiConfig = ApiConfig()
    api_options: ApiOptions = ApiOptions()
    #: Writes the commands of hints.
    invocation: Invocation = field(default_factory=Invocation)

    @property
    def token_file(self) -> Path:
        """Where the connection to Strava is kept, and nowhere else."""
        return self.playground / ".strava-token.json"

    @property
    def asks_api(self) -> bool:
        """Whether a run has an API half: with a connection, or if it is told what to do there."""
        is_wanted = self.skip_export or self.api_options != ApiOptions()
        return not self.skip_api and (is_wanted or self.token_file.exists())

    @property
    def drop(self) -> Path:
        """Where exports are dropped."""
        return self.drop_folder or drop_folder_of(self.playground, self.database)

    @property
    def gear_limits(self) -> Path:
        """Where the user says after how many kilometres gear is due."""
        return self.playground / "gear_limits.csv"

    @property
    def log_file(self) -> Path:
        """The rotating log."""
        return self.playground / "strava-ingest.log"

    @property
    def backups(self) -> Path:
        """Where the database is saved before a migration changes it."""
        return self.playground / "backups"


def default_jobs() -> int:
    """Most parser processes: two, of which the second waits until the database does."""
    return min(2, os.cpu_count() or 1)


def make_config(
    environment: Mapping[str, str],
    *,
    playground: Path | None = None,
    database: str | None = None,
    timezone: str | None = None,
    jobs: int | None = None,
    dry_run: bool = False,
    strict: bool = False,
    verify: bool = False,
    accept_vanished: bool = False,
    skip_api: bool = False,
    skip_export: bool = False,
    drop_folder: Path | None = None,
    athlete_id: int | None = None,
    exports: Iterable[Path] = (),
    **api_options: Any,
) -> Config:
    """Options before environment before defaults; ``api_options`` are those of ``ApiOptions``.

    Raises:
        UsageError: an option that cannot be.
    """
    folder = playground_of(environment, playground)
    if storable(str(folder)) != str(folder):
        raise UsageError(f"--playground {folder}: a name in this path is not UTF-8; rename it")
    home = timezone or environment.get("STRAVA_TIMEZONE")
    if jobs is not None and jobs < 0:
        raise UsageError(f"--jobs {jobs} is negative; give 0 (no extra process) or more")
    if skip_api and skip_export:
        raise UsageError("--skip-api and --skip-export together leave nothing to do")
    given = _given(exports)
    if given and skip_export:
        raise UsageError(
            "--skip-export reads no exports; leave it out, or the exports that are named"
        )
    if athlete_id is not None and skip_export:
        raise UsageError(
            "--athlete says whose files are, and --skip-export reads none; leave one out"
        )
    return Config(
        playground=folder,
        database=database_of(environment, database, folder),
        timezone=home_zone(home) if home else None,
        jobs=default_jobs() if jobs is None else jobs,
        dry_run=dry_run,
        strict=strict,
        verify=verify,
        accept_vanished=accept_vanished,
        drop_folder=drop_folder,
        athlete_id=athlete_id,
        exports=given,
        skip_api=skip_api,
        skip_export=skip_export,
        max_export_bytes=_max_export_bytes(environment),
        api=_api(environment),
        api_options=_api_options(**api_options),
        invocation=Invocation(database=database, playground=playground),
    )


def _given(paths: Iterable[Path]) -> tuple[Path, ...]:
    """The places of exports, each once: two paths can lead to the same one."""
    found: dict[Path, None] = {}
    for path in paths:
        try:
            found[path.expanduser().resolve(strict=True)] = None
        except (FileNotFoundError, NotADirectoryError) as err:
            raise UsageError(f"{path}: there is no such file or folder; check the path") from err
        # A RuntimeError is a "~" of nobody, or links in a circle.
        except (OSError, RuntimeError) as err:
            reason = err.strerror if isinstance(err, OSError) else err
            raise UsageError(f"{path} cannot be reached ({reason}); check the path") from err
    return tuple(found)


def _api_options(
    *,
    begin: date | None = None,
    end: date | None = None,
    sports: Iterable[str] = (),
    limit: int | None = None,
    max_requests: int | None = None,
    **flags: bool,
) -> ApiOptions:
    if begin is not None and end is not None and end < begin:
        raise UsageError(f"--strava-end {end} is before --strava-begin {begin}")
    if begin is not None and begin > (clock.now() + timedelta(days=1)).date():
        raise UsageError(f"--strava-begin {begin} is in the future; give an earlier day")
    if flags.get("sweep") and (begin is not None or end is not None):
        raise UsageError(
            "--sweep fetches the list of all days, --strava-begin and --strava-end that of some; "
            "leave one of them out"
        )
    return ApiOptions(
        begin=begin,
        end=end,
        sports=frozenset(sport.casefold() for sport in sports),
        limit=limit,
        max_requests=max_requests,
        **flags,
    )


def _max_export_bytes(environment: Mapping[str, str]) -> int:
    text = environment.get("STRAVA_MAX_EXPORT_GB") or ""
    if not text:
        return MAX_EXPORT_BYTES
    if not text.strip().isdecimal() or len(text.strip()) > 6:
        raise UsageError(
            f"STRAVA_MAX_EXPORT_GB {text!r} is not a whole number of gigabytes, such as 20"
        )
    return int(text) * 10**9


def _api(environment: Mapping[str, str]) -> ApiConfig:
    client_id = environment.get("STRAVA_CLIENT_ID") or None
    if client_id is not None and not client_id.strip().isdigit():
        # The value is not quoted: it may be the secret, put in the wrong place.
        raise UsageError(
            "STRAVA_CLIENT_ID is not a number; copy it from https://www.strava.com/settings/api"
        )
    timeout = environment.get("STRAVA_API_TIMEOUT") or str(_TIMEOUT_S)
    try:
        timeout_s = float(timeout)
    except ValueError:
        timeout_s = 0.0
    if not 0 < timeout_s < float("inf"):
        raise UsageError(f"STRAVA_API_TIMEOUT {timeout!r} is not a number of seconds, such as 30")
    return ApiConfig(
        api_url=_base(environment, "STRAVA_API_URL", API_URL),
        oauth_url=_base(environment, "STRAVA_OAUTH_URL", OAUTH_URL),
        timeout_s=timeout_s,
        client_id=int(client_id) if client_id else None,
        client_secret=environment.get("STRAVA_CLIENT_SECRET") or None,
    )


def _base(environment: Mapping[str, str], name: str, default: str) -> str:
    url = (environment.get(name) or default).rstrip("/")
    try:
        parts = urlsplit(url)
    except ValueError:
        parts = urlsplit("")
    # The value is not quoted: it may have a password in it.
    if parts.scheme not in ("https", "http") or not parts.hostname:
        raise UsageError(f"{name} is not a URL; write it like {default}")
    if parts.scheme == "http" and parts.hostname not in _THIS_MACHINE:
        raise UsageError(
            f"{name} must begin with https://, because your token would be sent unencrypted"
        )
    return url
