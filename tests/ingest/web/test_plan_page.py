"""The page that ``predict --out plan.html`` writes is whole, harmless, and fits every screen."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.ingest.course.conftest import add_runs, predict_on
from tests.ingest.course.courses import gpx_route
from tests.ingest.playground import Playground
from tests.ingest.web.test_looks import findings, headings

Visit = Callable[..., Page]
HOSTILE = "<script>document.title = 'owned'</script>"


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of a course with a hostile name, for a runner of a dozen runs."""
    folder = tmp_path_factory.mktemp("plan")
    database = f"sqlite:///{(folder / 'strava.db').as_posix()}"
    playground = Playground(folder / "Playground", database)
    add_runs(playground, 12)
    playground.engine.dispose()
    course, out = folder / "hill.gpx", folder / "plan.html"
    course.write_bytes(gpx_route(HOSTILE))
    predict = predict_on(database, playground.folder)
    result = predict(course, "--start", "9:00", "--stops", "2@1.5", "--out", out)
    assert result.exit_code == 0, result.output
    return out


def test_it_shows_time_course_paces_map_history_and_table(written: Path, visit: Visit) -> None:
    page = visit(written.as_uri())
    sections = page.locator("section").evaluate_all("all => all.map(one => one.id)")
    assert sections == ["plan", "profile", "paces", "map", "history", "parts"]
    assert page.locator("h1").inner_text() == page.title() == HOSTILE
    assert page.locator("#paces .large .bars rect").count() == 3
    # The fitted curve and the published one, over the kilometres of the runs.
    assert page.locator("#history .large path.curve").count() == 2
    assert "36 whole kilometres of 12 runs" in page.locator("#history .lead").inner_text()
    assert page.locator("#parts tbody tr").count() == 3
    assert "2:00 of them stops" in page.locator("#plan .lead").inner_text()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everybody_can_use_it_on_every_screen(
    written: Path, visit: Visit, axe: str, scheme: str
) -> None:
    page = visit(written.as_uri(), color_scheme=scheme)
    assert headings(page) == [1, 2, 2, 2, 2, 2, 2]
    for width in (390, 1280, 2560):
        page.set_viewport_size({"width": width, "height": 844})
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), width
        assert findings(page, axe) == [], width
