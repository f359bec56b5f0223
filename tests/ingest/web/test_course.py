"""A course is dropped on the page, planned, planned anew for a goal, and taken along."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

from ingest.course.files.course import even_course
from ingest.web.courses import Courses, file_in
from tests.ingest.course.courses import fit_course, gpx_route
from tests.ingest.web.conftest import Serve
from tests.ingest.web.test_looks import findings, headings

Visit = Callable[..., Page]
HOSTILE = "<script>document.title = 'owned'</script>"


@pytest.fixture
def hill(tmp_path: Path) -> Path:
    """A course with a hostile name."""
    file = tmp_path / "hill.gpx"
    file.write_bytes(gpx_route(HOSTILE))
    return file


def plan(page: Page, file: Path, **fields: str) -> None:
    """Drop a file, and plan it with a pace, since the athlete has not run far enough."""
    page.set_input_files("input[type=file]", file)
    page.get_by_role("button", name="Plan this file").click()
    replan(page, pace="5:00", **fields)


def replan(page: Page, **fields: str) -> None:
    for name, text in fields.items():
        page.fill(f"[name={name}]", text)
    page.get_by_role("button", name="Plan", exact=True).click()


@pytest.mark.parametrize("with_scripts", [True, False])
def test_a_dropped_course_is_planned_and_its_goal_changed(
    serve: Serve, imported: Path, visit: Visit, hill: Path, with_scripts: bool
) -> None:
    served = serve(playground=imported)
    page = visit(served.address, expected="400", java_script_enabled=with_scripts)
    page.goto(f"{served.base}/course")
    plan(page, hill)
    assert page.locator("h1").inner_text() == HOSTILE
    assert "owned" not in page.title().removeprefix(HOSTILE)
    assert page.locator("#parts tbody tr").count() == 3
    assert page.locator("#map svg path.curve").count() == 2  # one for large screens, one for small
    replan(page, goal="20:00", start="9:30", stops="2@1")
    assert (
        "20:00, 2:00 of them stops, with even effort" in page.locator("#plan p").first.inner_text()
    )
    assert page.locator("#parts tbody tr").last.inner_text().split()[-1] == "09:50"


def test_the_plan_can_be_taken_along(
    serve: Serve, imported: Path, visit: Visit, hill: Path
) -> None:
    served = serve(playground=imported)
    page = visit(served.address, expected="400")
    page.goto(f"{served.base}/course")
    plan(page, hill)
    for name, begin in (
        ("GPX for a watch", "<?xml"),
        ("Page to print", "<!doctype"),
        ("CSV", "kil"),
    ):
        with page.expect_download() as download:
            page.get_by_role("link", name=name).click()
        assert Path(download.value.path()).read_text("utf-8").startswith(begin)


def test_lengths_and_activities_are_planned_by_their_address(serve: Serve, imported: Path) -> None:
    served = serve(playground=imported)
    session = served.session()

    def ask(query: str) -> tuple[int, str]:
        answer = session.get(f"{served.base}/course?{query}", timeout=60)
        return answer.status_code, answer.text

    assert ask("distance=25&climb=1200&pace=5:00")[0] == 200
    assert ask("distance=13.1mi&climb=900ft&stops=2@6mi&pace=8:51/mi")[0] == 200
    for query, said in (
        ("distance=25&climb=99999&pace=5:00", "have room for 0 to"),
        ("climb=10", "--climb needs --distance"),
        ("distance=x", "is no length"),
        ("distance=5&goal=soon", "Goal &#39;soon&#39; is no time"),
        ("distance=5&pace=5:00&sport=Ride", "is not offered"),
        ("activity=999999", "has no such activity"),
        ("activity=%D9%A3", "is no whole number"),
        ("course=gone", "drop its file again"),
        ("distance=5&pace=5:00&athlete=5", "--athlete 5 has no activities here"),
    ):
        status, text = ask(query)
        assert (status, said in text) == (400, True), (query, text)
    answer = session.get(f"{served.base}/course/plan.exe?distance=5&pace=5:00", timeout=60)
    assert answer.status_code == 404


def test_what_is_no_course_is_told(serve: Serve, imported: Path, tmp_path: Path) -> None:
    served = serve(playground=imported)
    session = served.session()
    files = {"file": ("page.gpx", b"<!doctype html><html>Log in</html>")}
    own = {"Origin": served.base}
    answer = session.post(f"{served.base}/course", files=files, headers=own, timeout=60)
    assert (answer.status_code, "page.gpx is a web page" in answer.text.lower()) == (400, True)
    empty = session.post(f"{served.base}/course", data=b"", headers=own, timeout=60)
    assert (empty.status_code, "Choose a file first" in empty.text) == (400, True)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_plan_is_usable_by_all_on_every_screen(
    serve: Serve, imported: Path, visit: Visit, axe: str, scheme: str
) -> None:
    served = serve(playground=imported)
    page = visit(served.address, color_scheme=scheme)
    page.goto(f"{served.base}/course?distance=25&climb=1200&pace=5:00&start=9:00")
    levels = headings(page)
    assert levels.count(1) == 1
    for width in (390, 1280, 2560):
        page.set_viewport_size({"width": width, "height": 844})
        assert findings(page, axe) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_file_of_a_form_keeps_every_byte() -> None:
    data = fit_course() + bytes(range(256)) + b"\r\n\n\r--\r\n"
    form = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a b.fit"\r\n'
    form += b"Content-Type: application/octet-stream\r\n\r\n" + data + b"\r\n--x--\r\n"
    assert file_in("multipart/form-data; boundary=x", form) == ("a b.fit", data)
    assert file_in("multipart/form-data; boundary=y", form) is None
    assert file_in("", form) is None


def test_only_the_last_courses_are_kept() -> None:
    courses = Courses()
    keys = [courses.keep(even_course(1000, 0)) for _ in range(25)]
    assert [courses.find(key) is None for key in keys] == [True] * 5 + [False] * 20


def test_other_sites_cannot_drop_a_course(serve: Serve, imported: Path) -> None:
    served = serve(playground=imported)
    answer = served.session().post(
        f"{served.base}/course", data=b"x", headers={"Origin": "https://example.com"}, timeout=60
    )
    assert answer.status_code == 403
