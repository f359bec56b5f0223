"""The page of problems: what could not be read, with what to do, and what vanished."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from db.migrate import upgrade
from db.models import Activity
from ingest import clock
from ingest.commands.issue_facts import ADVICE
from ingest.errors import IngestError
from ingest.load.ledger import DUPLICATE
from tests.ingest.playground import PROFILE, Playground
from tests.ingest.web.conftest import ROOT, Serve, Served

HOSTILE = "<script>alert(1)</script>"


def text_of(served: Served, path: str = "/problems") -> str:
    """The page, in one line."""
    answer = served.session().get(f"{served.base}{path}", timeout=20)
    assert answer.status_code == 200
    return " ".join(answer.text.split())


def broken(count: int) -> dict[str, Any]:
    """An export of activities whose files are no device files."""
    names = [f"activities/{n}.gpx" for n in range(count)]
    rows = [
        {"activity_id": 100 + n, "activity_name": HOSTILE, "filename": name}
        for n, name in enumerate(names)
    ]
    return {"activities": rows, "files": dict.fromkeys(names, b"junk")}


def test_groups_say_what_is_wrong_with_what_and_what_to_do(
    serve: Serve, playground: Playground
) -> None:
    lost = {"activity_id": 7, "activity_name": "Lost", "filename": "#error#"}
    export = broken(2)
    playground.add("export_77.zip", [*export["activities"], lost], files=export["files"])
    playground.run()
    text = text_of(serve("--database", playground.database))
    assert "3 inputs could not be read completely" in text
    first, second = re.findall(r"<section>.*?</section>", text)
    assert first.startswith("<section> <h2>2 × unsupported: ")
    assert f"<p>{ADVICE['unsupported']}</p>" in first
    assert '<a href="/activities/101" dir="auto">&lt;script&gt;' in first
    assert HOSTILE not in text
    assert 'href="https://www.strava.com/activities/101"' in first
    assert f"<p>{ADVICE['lost']}</p>" in second
    assert '<a href="/activities/7" dir="auto">Lost</a>' in second


def test_long_groups_are_cut_and_can_be_seen_whole(serve: Serve, playground: Playground) -> None:
    playground.add("export_77.zip", **broken(14))
    playground.run()
    served = serve("--database", playground.database)
    session = served.session()
    short, whole = (
        session.get(f"{served.base}/problems{query}", timeout=20).text for query in ("", "?all=1")
    )
    assert short.count("<li>") == 10
    assert 'And 4 more. <a href="/problems?all=1">Show all</a>' in short
    assert whole.count("<li>") == 14
    assert "Show all" not in whole


def test_of_several_athletes_all_problems_are_there(serve: Serve, playground: Playground) -> None:
    lost = {"filename": "#error#"}
    playground.add("export_77.zip", [{"activity_id": 1, **lost}], tables=PROFILE)
    other = {"profile.csv": [["Athlete ID", "First Name"], [78, "Ann"]]}
    playground.add("export_78.zip", [{"activity_id": 2, **lost}], tables=other)
    playground.run()
    text = text_of(serve("--database", playground.database))
    assert "<h2>2 × lost: " in text
    assert "in export_77.zip" in text
    assert "in export_78.zip" in text


def test_vanished_activities_are_linked(serve: Serve, playground: Playground) -> None:
    playground.add("export_77.zip", [{"activity_name": HOSTILE}, {"activity_name": "Stays"}])
    playground.run()
    with playground.engine.begin() as connection:
        gone = sa.update(Activity).where(Activity.name == HOSTILE)
        connection.execute(gone.values(vanished_at=clock.now()))
    text = text_of(serve("--database", playground.database))
    assert "All inputs were read completely" in text
    assert "<h2>1 activity is no longer on Strava</h2>" in text
    assert 'dir="auto">&lt;script&gt;' in text
    assert "Stays" not in text


def test_an_empty_database_has_no_problems(serve: Serve, playground: Playground) -> None:
    upgrade(playground.engine, None)
    text = text_of(serve("--database", playground.database))
    assert "All inputs were read completely, and nothing was corrected." in text
    assert "<section>" not in text


def _kinds(error: type[IngestError]) -> Iterator[str]:
    yield error.kind
    for more in error.__subclasses__():
        yield from _kinds(more)


def test_every_kind_of_issue_has_advice() -> None:
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "ingest").rglob("*.py")]
    written = {
        kind
        for source in sources
        for kind in re.findall(r'\bIssue\([^=]+=[^=]+kind="([a-z-]+)"', source)
    }
    assert {"lost", "partial", "corrected", "unknown", "missing-track"} <= written
    assert set(ADVICE) == {*_kinds(IngestError), *written, DUPLICATE}


@pytest.mark.parametrize("kind", sorted(ADVICE))
def test_advice_is_a_sentence(kind: str) -> None:
    assert re.fullmatch(r"[A-Z].*\.", ADVICE[kind])
