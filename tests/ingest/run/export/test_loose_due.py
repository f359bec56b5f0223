"""Loose device files that were read before are not opened by whoever looks for exports."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from db.export_bytes import first_bytes
from ingest.commands.forget import forget_athlete
from ingest.commands.verify import verify_exports
from ingest.config import Config, make_config
from ingest.run.export.loose_due import loose_read_before
from ingest.run.export.restorer import Restorer
from ingest.web.found_exports import offered
from tests.builders import gpx_activity
from tests.ingest.playground import Playground


def _forget(config: Config) -> None:
    forget_athlete(config, 77, dry_run=True)


def _verify(config: Config) -> None:
    verify_exports(config, Console(file=io.StringIO()))


def _restore(config: Config) -> None:
    with Restorer(config.drop, loose_read_before(config.database)) as restorer:
        assert len(restorer._exports()) == 1


def _offer(config: Config) -> None:
    found = offered(config.drop, loose_read_before(config.database))
    assert [one.path.name for one in found if one.place == "the drop folder"] == ["export_77.zip"]


@pytest.mark.parametrize("look", [_forget, _verify, _restore, _offer])
def test_what_was_read_before_is_not_opened(
    playground: Playground, monkeypatch: pytest.MonkeyPatch, look: Callable[[Config], None]
) -> None:
    opened: list[str] = []

    def recorded(path: Path, *rest: Any) -> bytes:
        opened.append(path.name)
        return first_bytes(path, *rest)

    monkeypatch.setattr("ingest.extract.candidates.first_bytes", recorded)
    playground.add("export_77.zip", [{"activity_id": 1}])
    for name in ("a.gpx", "watch/b.gpx"):
        path = playground.drop / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(gpx_activity(30))
    playground.run()
    config = make_config({}, playground=playground.folder, database=playground.database)
    assert {"a.gpx", "b.gpx"} <= set(opened)
    opened.clear()
    look(config)
    assert opened == ["export_77.zip"]


def test_without_a_database_nothing_is_known(tmp_path: Path) -> None:
    known = loose_read_before(f"sqlite:///{(tmp_path / 'none.db').as_posix()}")
    assert (known.zips, dict(known.files)) == (frozenset(), {})
    assert not (tmp_path / "none.db").exists()
