"""Pages show activities of device files, with negative ids, and do not lead to Strava for them."""

from __future__ import annotations

import re
from typing import get_args

from db.models import Activity
from ingest.transform.records import Source
from ingest.web.activity.fact_sources import _NAMES
from tests.builders import gpx_activity
from tests.ingest.playground import Playground
from tests.ingest.web.conftest import Serve
from tests.provisional import IDS, SMALLEST


def test_all_pages_know_its_id_and_none_leads_to_strava(mixed: Playground, serve: Serve) -> None:
    served = serve("--database", mixed.database, "--playground", str(mixed.folder))
    session = served.session()

    def text(path: str) -> str:
        answer = session.get(f"{served.base}{path}", timeout=60)
        assert answer.status_code == 200, path
        return str(answer.text)

    assert {int(i) for i in re.findall(r'"/activities/(-?\d+)"', text("/activities"))} == {
        *IDS,
        *range(1, 4),
    }
    one = text(f"/activities/{SMALLEST}")
    assert "From the watch" in one
    assert f'href="/course?activity={SMALLEST}&amp;athlete=77"' in one
    assert "strava.com/activities" not in one
    assert "strava.com/activities/1" in text("/activities/1")
    problems = text("/problems")
    assert f'<a href="/activities/{SMALLEST}"' in problems
    assert "strava.com/activities/-" not in problems
    assert "2.7 km" in text(f"/course?activity={SMALLEST}&pace=5:00").replace("\u00a0", " ")
    for path, told in ((f"{SMALLEST - 10**18}", 404), ("--1", 404), ("-2", 404)):
        assert session.get(f"{served.base}/activities/{path}", timeout=60).status_code == told


def test_facts_are_told_from_a_loose_file(playground: Playground, serve: Serve) -> None:
    (playground.drop / "run.gpx").write_bytes(gpx_activity(60))
    playground.run()
    ((activity_id,),) = playground.rows(Activity.activity_id)
    served = serve("--database", playground.database, "--playground", str(playground.folder))
    answer = served.session().get(f"{served.base}/activities/{activity_id}", timeout=60)
    assert answer.status_code == 200
    assert "loose device file" in answer.text


def test_every_source_has_a_name() -> None:
    assert set(_NAMES) == set(get_args(Source))


def test_the_import_page_offers_to_import_a_folder_of_loose_files(
    playground: Playground, serve: Serve
) -> None:
    served = serve("--database", playground.database, "--playground", str(playground.folder))
    session = served.session()

    def is_offered() -> bool:
        text = str(session.get(f"{served.base}/import", timeout=60).text)
        assert "FIT, GPX and TCX files" in text
        return "Import all of the drop folder" in text

    (playground.drop / ".hidden").write_bytes(b"")
    assert not is_offered()
    (playground.drop / "run.gpx").write_bytes(gpx_activity(60))
    assert is_offered()
