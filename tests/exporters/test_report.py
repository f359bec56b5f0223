"""The report: its numbers are the marts' numbers, names stay text, and every section says why it is
empty.
"""

from __future__ import annotations

import re
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import Protocol

import pytest

from exporters.report.frame import tick_numbers
from exporters.report.page import export as export_page
from exporters.report.scales import (
    Scale,
    around,
    axis_from_zero,
    paces,
    round_step,
    tick_digits,
    ticks,
)
from exporters.report.sections.routes import decoded, projected
from exporters.report.units import Units, duration, number, pace, short_duration, units_of
from exporters.selection import Selection
from exporters.sqlite_copy import export as copy
from tests.exporters.conftest import ACTIVITIES, Ask, Change, Export, asked, command, job_of

SECTIONS = [
    "totals",
    "weekly",
    "years",
    "calendar",
    "milestones",
    "gear",
    "split-pace",
    "efforts",
    "longest-run",
    "power",
    "climb-speed",
    "longest-ride",
    "zones",
    "load",
    "route-map",
    "routes",
]
HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>"
NARROW = "\u202f"


class Page(Protocol):
    """The page with some options."""

    def __call__(self, *options: str) -> str: ...


@pytest.fixture
def page(export: Export, tmp_path: Path) -> Page:
    """The page with some options."""

    def call(*options: str) -> str:
        export("report", *options, out=tmp_path / "report.html")
        return (tmp_path / "report.html").read_text(encoding="utf-8")

    return call


def part(html: str, key: str) -> str:
    found = re.search(rf'<section id="{key}".*?</section>', html, re.DOTALL)
    assert found, key
    return found[0]


def tile(html: str, name: str) -> str:
    """The number of a tile, without its unit."""
    found = re.search(rf'data-number="{name}">([^ <]+)', html)
    assert found, name
    return found[1].replace(NARROW, "")


def large(html: str) -> str:
    """The drawings for large screens only, so that nothing counts twice."""
    return re.sub(r'<div class="small">.*?</div>', "", html, flags=re.DOTALL)


def titles(html: str) -> list[str]:
    """What marks say when pointed at."""
    return [unescape(one).replace(NARROW, "") for one in re.findall(r"<title>(.*?)</title>", html)][
        1:
    ]


def cells(html: str) -> list[list[str]]:
    rows = re.findall(r"<tr>(<td.*?)</tr>", html)
    return [
        [
            unescape(re.sub(r"</?a[^>]*>", "", one)).replace(NARROW, "")
            for one in re.findall(r"<td[^>]*>(.*?)</td>", row)
        ]
        for row in rows
    ]


class Elements(HTMLParser):
    """The elements of a page with the names of their attributes, as a browser finds them."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, list[str]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, [name for name, _ in attrs]))


def test_every_section_is_there_and_draws(page: Page) -> None:
    html = page()
    assert re.findall(r'<section id="([\w-]+)"', html) == SECTIONS
    for key in set(SECTIONS) - {"totals", "milestones"}:
        if key.startswith("longest"):
            assert len(cells(part(html, key))) > 3, key
            continue
        assert re.search(r"<svg.*?<(path|rect|circle)", part(html, key), re.DOTALL), key
        assert 'class="empty"' not in part(html, key), key


def test_headline_numbers_are_those_of_the_database(page: Page, ask: Ask) -> None:
    html = page()
    ((count, km, hours, climb),) = ask(
        "SELECT count(*), sum(distance_km), sum(moving_time_h), sum(total_elevation_gain_m) FROM "
        "activity_facts"
    )
    assert [tile(html, name) for name in ("activities", "distance", "time", "climb")] == [
        str(count),
        f"{km:.0f}",
        f"{hours:.0f}",
        f"{climb:.0f}",
    ]
    years = ask(
        "SELECT year, activity_count, distance_km, moving_time_h, total_elevation_gain_m FROM "
        "period_summary WHERE period_type = 'year' AND sport_group = 'all' ORDER BY year DESC"
    )
    expected = [
        [str(year), str(n), *(f"{value:.0f}" for value in sums)] for year, n, *sums in years
    ]
    assert cells(part(html, "totals")) == expected


def test_bars_of_weeks_are_those_of_the_period_summary(page: Page, ask: Ask) -> None:
    first = large(part(page(), "weekly")).split("<figure")[1]
    said = titles("<title></title>" + first)
    (newest,) = ask("SELECT max(week_start) FROM activity_facts")[0]
    expected = ask(
        "SELECT period_start, sport_group, distance_km FROM period_summary WHERE period_type = "
        f"'week' AND sport_group <> 'all' AND distance_km > 0 AND period_start > date('{newest}', "
        "'-364 days')"
    )
    assert len(said) == len(expected) > 10
    drawn = sorted(re.findall(r": [A-Za-z& ]+ ([\d.]+) of", " ".join(said)))
    assert drawn == sorted(f"{km:.1f}" for _, _, km in expected)


def test_lines_of_years_end_where_year_to_date_ends(page: Page, ask: Ask) -> None:
    first = large(part(page(), "years")).split("<figure")[1]
    expected = ask(
        "SELECT year, max(distance_km) FROM year_to_date WHERE sport_group = 'all' GROUP BY 1 "
        "ORDER BY 1"
    )
    assert titles("<title></title>" + first) == [f"{year}: {km:.1f} km" for year, km in expected]


def test_a_year_looks_the_same_in_every_drawing(page: Page, ask: Ask, change: Change) -> None:
    ((newest,),) = ask(
        "SELECT max(substr(local_date, 1, 4)) FROM activity_facts WHERE distance_km > 0"
    )
    change(
        "UPDATE activity_facts SET local_date = NULL WHERE sport_group = 'ride' AND local_date "
        f">= '{newest}-01-01'"
    )
    ride = next(one for one in large(part(page(), "years")).split("<figure") if "Ride" in one)
    years = dict(re.findall(r'class="curve (y\d)" data-year="(\d+)"', ride))
    assert years
    assert {name: int(newest) - int(year) for name, year in years.items()} == {
        name: int(name[1:]) for name in years
    }


def test_the_calendar_has_one_cell_per_active_day(page: Page, ask: Ask) -> None:
    html = part(page(), "calendar")
    assert (
        html.count("<title>") == ask("SELECT count(DISTINCT local_date) FROM activity_facts")[0][0]
    )


def test_dots_are_the_splits_of_950_to_1050_m(page: Page, ask: Ask) -> None:
    html = part(page(), "split-pace")
    ((every, whole),) = ask(
        "SELECT count(*), count(CASE WHEN distance_m BETWEEN 950 AND 1050 AND "
        "elevation_difference_m IS NOT NULL "
        "AND moving_time_s > 0 THEN 1 END) FROM split_pace WHERE unit = 'km' AND distance_m > 0"
    )
    lead = unescape(html).replace(NARROW, "")
    assert f"{whole} of {every} splits of runs are between 950 and 1050 m" in lead
    inside = int(re.findall(r'data-count="(\d+)"', html)[0])
    outside = re.search(r"(\d+) outside the frame", lead)
    assert inside + (int(outside[1]) if outside else 0) == whole
    said = "\n".join(titles("<title></title>" + large(html)))
    bars = re.findall(r"^(\d+) to (\d+) m: (\d+)$", said, re.MULTILINE)
    assert sum(int(count) for *_, count in bars) == every
    window = sum(int(count) for low, high, count in bars if int(low) >= 950 and int(high) <= 1050)
    assert (
        window
        == ask(
            "SELECT count(*) FROM split_pace WHERE unit = 'km' AND distance_m BETWEEN 950 AND 1050"
        )[0][0]
    )


def test_the_curve_of_the_last_prediction_lies_over_the_dots(page: Page, change: Change) -> None:
    assert "fitted curve" not in page()
    # As if each metre of climb made this runner slower by as much.
    for grade in range(-30, 31):
        change(
            "INSERT INTO pace_model (athlete_id, sport_type, grade_pct, factor, prior_factor, "
            "support_km, as_of) SELECT athlete_id, 'Run', :grade, :factor, 1, 1, '2026-01-01' "
            "FROM athletes WHERE athlete_id IN (SELECT athlete_id FROM activity_facts)",
            grade=grade,
            factor=1 + grade / 50,
        )
    html = part(page(), "split-pace")
    assert "fitted curve" in html
    (path,) = re.findall(r'<path[^>]* d="([^"]*)"[^>]* class="curve c2"', large(html))
    places = [float(one) for one in re.findall(r"-?[0-9.]+", path)]
    across, down = places[2::2], places[3::2]  # steps after the first place
    assert min(across) > 0
    assert max(down) <= 0
    assert sum(down) < -10


def test_records_are_the_current_personal_records(page: Page, ask: Ask) -> None:
    expected = ask(
        "SELECT name, elapsed_time_s FROM personal_records WHERE is_current AND sport_group = "
        "'run' ORDER BY distance_m"
    )
    rows = cells(part(page(), "efforts"))
    assert [row[:2] for row in rows] == [[name, duration(seconds)] for name, seconds in expected]


def test_the_power_curve_is_the_highest_per_duration(page: Page, ask: Ask) -> None:
    expected = ask(
        "SELECT duration_s, max(power_w) FROM power_curve JOIN activity_facts USING (activity_id) "
        "WHERE sport_group = 'ride' AND power_w > 0 GROUP BY 1 ORDER BY 1"
    )
    line = re.findall(r'<g class="points dense c0">.*?</g>', part(page(), "power"), re.DOTALL)[0]
    said = [one.partition(" ·")[0] for one in titles("<title></title>" + line)]
    assert said == [f"{short_duration(seconds)}: {watts:.0f} W" for seconds, watts in expected]


def test_gear_is_that_of_gear_mileage_and_retired_gear_is_grey(
    page: Page, ask: Ask, change: Change
) -> None:
    (gear_id,) = ask(
        "SELECT gear_id FROM gear_mileage WHERE part_index = 0 ORDER BY distance_km DESC LIMIT 1"
    )[0]
    change(f"UPDATE gear_mileage SET is_retired = 1 WHERE gear_id = {gear_id}")
    html = large(part(page(), "gear"))
    expected = ask(
        "SELECT gear_name, distance_km, activity_count FROM gear_mileage WHERE part_index = 0 AND "
        "activity_count > 0 ORDER BY distance_km DESC"
    )
    said = [f"{name}: {km:.1f} km in {count} activities" for name, km, count in expected]
    assert titles("<title></title>" + html) == said
    assert re.findall(r'class="(g-\w+) bars"', html).count("g-retired") == 1


def test_eddington_numbers_and_streaks_are_the_marts(page: Page, ask: Ask) -> None:
    html = part(page(), "milestones")
    expected = ask(
        "SELECT eddington_number, next_target, days_needed FROM eddington WHERE unit = 'km' AND "
        "eddington_number > 0 ORDER BY eddington_number DESC"
    )
    assert sorted(row[1:] for row in cells(html)) == sorted(
        [str(one) for one in row] for row in expected
    )
    for period in ("day", "week"):
        longest = ask(
            f"SELECT length FROM streaks WHERE sport_group = 'all' AND period_type = '{period}' "
            "AND is_longest"
        )
        assert tile(html, f"streak-{period}-longest") == str(longest[0][0])


def test_routes_are_the_newest(page: Page, ask: Ask) -> None:
    html = part(page("--routes", "5"), "routes")
    days = ask(
        "SELECT activity_id, a.name FROM tracks t JOIN activity_facts a USING (activity_id) WHERE "
        "coalesce(route_polyline, '') <> '' ORDER BY a.start_time_utc DESC LIMIT 5"
    )
    found = re.findall(r'<b><a href="https://www.strava.com/activities/(\d+)"[^>]*>(.*?)</a>', html)
    assert [(int(one), unescape(name)) for one, name in found] == days
    assert "--routes 0 was given" in part(page("--routes", "0"), "routes")


def test_hostile_names_stay_text(page: Page, change: Change) -> None:
    for statement in (
        "UPDATE activity_facts SET name = :name",
        "UPDATE gear_mileage SET gear_name = :name",
        "UPDATE athletes SET first_name = :name",
        "UPDATE best_efforts SET name = :name || name",
        "UPDATE activity_facts SET sport_group = :name WHERE sport_group = 'walk'",
    ):
        change(statement, name=HOSTILE)
    html = page()
    elements = Elements()
    elements.feed(html)
    names = [name for name, _ in elements.found]
    assert (names.count("script"), names.count("img")) == (1, 0)
    assert not [
        attribute
        for _, attributes in elements.found
        for attribute in attributes
        if attribute.startswith("on")
    ]
    assert html.count("&lt;script&gt;alert(1)&lt;/script&gt;") > ACTIVITIES


def test_the_page_loads_nothing(page: Page, change: Change) -> None:
    change("UPDATE activity_facts SET name = 'https://example.org/ //example.org'")
    html = page()
    assert "default-src &#39;none&#39;" in html or "default-src 'none'" in html
    markup = re.sub(r"<script>.*?</script>|<style>.*?</style>", "", html, flags=re.DOTALL)
    link = re.compile(r'<a href="https://www\.strava\.com/activities/\d+" rel="noreferrer">')
    attributes = [one for one in re.findall(r"<[a-zA-Z][^<>]*>", markup) if not link.fullmatch(one)]
    assert not [one for one in attributes if re.search(r"https?:|[\"'(]\s*//", one)]
    assert not [
        one
        for one in attributes
        if re.search(r"\s(src|href|srcset|action|data|poster|xlink:href)=", one)
    ]
    (style,) = re.findall(r"<style>(.*?)</style>", html, re.DOTALL)
    assert not re.search(r"@import|url\(|//", style)
    (script,) = re.findall(r"<script>(.*?)</script>", html, re.DOTALL)
    assert not re.search(
        r"fetch|XMLHttp|import\s*\(|innerHTML|https?:|eval|WebSocket|sendBeacon", script
    )


def test_an_empty_database_gives_a_page_that_says_so(
    playground: Path, change: Change, tmp_path: Path
) -> None:
    for table in (
        "track_points",
        "track_pauses",
        "tracks",
        "laps",
        "sessions",
        "swim_lengths",
        "media",
    ):
        change(f"DELETE FROM {table}")
    for table in (
        "best_efforts",
        "splits",
        "power_curve",
        "zone_times",
        "heartrate_bands",
        "decoupling",
        "activity_places",
        "activity_observations",
        "workout_sets",
    ):
        change(f"DELETE FROM {table}")
    for table in ("split_pace", "personal_records", "activity_facts", "activities"):
        change(f"DELETE FROM {table}")
    result = command(playground, "report", "--out", str(tmp_path / "report.html"))
    assert result.exit_code == 0
    assert "The database holds no activity" in result.stderr
    html = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "The database holds no activity" in html
    assert "<svg" not in html


def test_activities_that_no_mart_holds_yet_are_not_said_to_be_missing(
    page: Page, change: Change
) -> None:
    for table in ("split_pace", "personal_records", "activity_facts"):
        change(f"DELETE FROM {table}")
    assert "To fill them: python -m ingest run" in page()


def test_a_choice_that_nothing_matches_gives_a_page_that_says_so(page: Page) -> None:
    assert "No activity matches (sport Snowboard)" in page("--sport", "Snowboard")


def test_sections_without_data_say_why(page: Page, change: Change) -> None:
    for table in (
        "best_efforts",
        "split_pace",
        "power_curve",
        "daily_load",
        "eddington",
        "streaks",
        "zone_times",
        "swim_lengths",
    ):
        change(f"DELETE FROM {table}")
    change("UPDATE activity_facts SET gear_id = NULL, moving_time_h = NULL")
    change("UPDATE tracks SET route_polyline = NULL")
    change("UPDATE activity_facts SET distance_km = NULL, total_elevation_gain_m = NULL")
    html = page()
    absent = {"gear", "longest-run", "longest-ride", "zones", "route-map"}
    assert set(re.findall(r'<section id="([\w-]+)"', html)) == set(SECTIONS) - absent
    for key in set(SECTIONS) - absent - {"totals", "calendar"}:
        assert 'class="empty"' in part(html, key), key
        assert "<svg" not in part(html, key)
    assert "no run has best efforts" in html.lower()
    assert "Climb" not in part(html, "totals")


def test_activities_without_a_day_are_counted_and_drawn_nowhere(page: Page, change: Change) -> None:
    change("UPDATE activity_facts SET local_date = NULL, start_time_utc = NULL")
    html = page()
    assert tile(html, "activities") == str(ACTIVITIES)
    assert "No activity has a day." in part(html, "calendar")


@pytest.mark.parametrize(
    ("options", "condition"),
    [
        (["--sport", "Run"], "sport_type = 'Run'"),
        (["--since", "2025-01-01"], "local_date >= '2025-01-01'"),
        (
            ["--until", "2024-12-31", "--sport", "Ride"],
            "local_date < '2025-01-01' AND sport_type = 'Ride'",
        ),
    ],
)
def test_options_choose_activities(
    page: Page, ask: Ask, options: list[str], condition: str
) -> None:
    html = page(*options)
    ((count, km),) = ask(f"SELECT count(*), sum(distance_km) FROM activity_facts WHERE {condition}")
    assert (tile(html, "activities"), tile(html, "distance")) == (str(count), f"{km:.0f}")
    assert "Of the whole account, whatever was chosen" in part(html, "milestones")


def test_imperial_athletes_get_miles_and_feet(page: Page, ask: Ask, change: Change) -> None:
    change("UPDATE athletes SET measurement_preference = 'Imperial'")
    html = page()
    ((mi, ft),) = ask("SELECT sum(distance_mi), sum(total_elevation_gain_ft) FROM activity_facts")
    assert (tile(html, "distance"), tile(html, "climb")) == (f"{mi:.0f}", f"{ft:.0f}")
    every = ask("SELECT count(*) FROM split_pace WHERE unit = 'mi' AND distance_m > 0")[0][0]
    assert f"of {every} splits of runs are between 0.95 and 1.05 mi" in part(html, "split-pace")
    assert "min/mi" in part(html, "efforts")


def test_the_most_active_athlete_is_shown_and_others_can_be_chosen(
    playground: Path, change: Change, tmp_path: Path
) -> None:
    change("INSERT INTO athletes (athlete_id, first_name) VALUES (7, 'Other')")
    change(
        "UPDATE activity_facts SET athlete_id = 7 WHERE activity_id IN (SELECT min(activity_id) "
        "FROM activity_facts)"
    )
    out = tmp_path / "report.html"
    result = command(playground, "report", "--out", str(out))
    assert "choose another one with --athlete: 7" in result.stderr
    assert tile(out.read_text(encoding="utf-8"), "activities") == str(ACTIVITIES - 1)
    result = command(playground, "report", "--out", str(out), "--athlete", "7")
    assert tile(out.read_text(encoding="utf-8"), "activities") == "1"
    assert "<h1>Activities of Other</h1>" in out.read_text(encoding="utf-8")
    result = command(playground, "report", "--out", str(out), "--athlete", "8")
    assert result.exit_code == 2
    assert "athlete 8 has no activities in this database" in result.stderr


def test_the_athlete_with_most_of_the_chosen_activities_is_shown(
    page: Page, change: Change
) -> None:
    change("INSERT INTO athletes (athlete_id, first_name) VALUES (7, 'Rider')")
    change("UPDATE activity_facts SET athlete_id = 7 WHERE sport_type = 'Ride'")
    assert "<h1>Activities of Rider</h1>" in page("--sport", "Ride")


def test_a_new_folder_gets_the_page_under_its_own_name(export: Export, tmp_path: Path) -> None:
    export("report", out=tmp_path / "new")
    assert (tmp_path / "new" / "report.html").is_file()


def test_a_report_is_replaced_by_the_next_one(playground: Path, tmp_path: Path) -> None:
    file = playground / "Exports" / "report.html"
    assert command(playground, "report", "--sport", "Ride").exit_code == 0
    before = file.read_text(encoding="utf-8")
    assert before.index('<meta name="generator" content="strava-ingest">') < 300
    assert command(playground, "report").exit_code == 0
    assert tile(file.read_text(encoding="utf-8"), "activities") == str(ACTIVITIES)
    assert tile(before, "activities") != str(ACTIVITIES)


@pytest.mark.parametrize(
    "theirs",
    [
        "",
        "<!doctype html><title>mine</title>",
        '<!doctype html><meta name="generator" content="other">',
        "<!doctype html>" + 500 * " " + '<meta name="generator" content="strava-ingest">',
        pytest.param(None, id="a folder"),
    ],
)
@pytest.mark.parametrize("out", ["", "report.html"])
def test_nothing_else_is_replaced_by_a_report(
    playground: Path, tmp_path: Path, theirs: str | None, out: str
) -> None:
    file = tmp_path / "report.html"
    if theirs is None:
        (file / "report.html").mkdir(parents=True)
    else:
        file.write_text(theirs, encoding="utf-8")
    result = command(playground, "report", "--out", str(tmp_path / out))
    assert result.exit_code == 1
    assert "exists already; use --overwrite" in result.stderr
    assert file.is_dir() if theirs is None else file.read_text(encoding="utf-8") == theirs


def test_the_file_goes_to_the_playground_or_into_a_folder(playground: Path, tmp_path: Path) -> None:
    assert command(playground, "report").exit_code == 0
    assert (playground / "Exports" / "report.html").is_file()
    assert command(playground, "report", "--out", str(tmp_path)).exit_code == 0
    assert (tmp_path / "report.html").is_file()
    nowhere = command(playground, "report", "--out", str(tmp_path / "report.html" / "x.html"))
    assert nowhere.exit_code == 1
    assert "choose another --out" in nowhere.stderr


def test_the_database_is_not_written(playground: Path, tmp_path: Path) -> None:
    before = (playground / "strava.db").read_bytes()
    command(playground, "report", "--out", str(tmp_path / "report.html"))
    assert (playground / "strava.db").read_bytes() == before


def test_both_engines_give_the_same_page(database: str, pg_url: str, tmp_path: Path) -> None:
    with job_of(database, tmp_path / "copy") as job:
        copy(job, to=pg_url)
    for name, url in (("lite.html", database), ("pg.html", pg_url)):
        with job_of(url, tmp_path / name, selection=Selection()) as job:
            export_page(job)
    assert asked(pg_url, "SELECT count(*) FROM activity_facts")[0][0] == ACTIVITIES
    assert (tmp_path / "lite.html").read_text(encoding="utf-8") == (tmp_path / "pg.html").read_text(
        encoding="utf-8"
    )


def test_the_page_is_small(page: Page) -> None:
    assert len(page().encode()) < 250_000


def test_polylines_are_decoded_as_google_documents_them() -> None:
    assert decoded("_p~iF~ps|U_ulLnnqC_mqNvxq`@") == [
        (38.5, -120.2),
        (40.7, -120.95),
        (43.252, -126.453),
    ]
    assert decoded("") == []
    assert decoded("_p~iF~ps|U_ulL") == [(38.5, -120.2)]
    assert decoded("\x00") == []


def test_projection_shortens_degrees_of_longitude_and_crosses_the_date_line() -> None:
    (x1, y1), (x2, y2) = projected([(60.0, 179.9995), (60.0, -179.9995)])
    assert [x2 - x1, y2 - y1] == [pytest.approx(55.6, rel=0.01), 0]


def test_ticks_are_round() -> None:
    assert axis_from_zero(73.4) == (80.0, [0, 20, 40, 60, 80])
    assert axis_from_zero(0.0)[0] == 1.0
    assert around(-47, 52, 5) == (-60, 60, [-60, -40, -20, 0, 20, 40, 60])
    assert paces(4.2, 6.9, 6) == (4.0, 7.0, [4.0, 4.5, 5.0, 5.5, 6.0, 6.5, 7.0])
    assert around(3, 3)[0] < around(3, 3)[1]
    assert round_step(0, 5) == 1.0
    assert ticks(0, 1, 0.25) == [0, 0.25, 0.5, 0.75, 1.0]
    assert Scale(low=1, high=100, start=0, end=10, is_log=True)(10) == pytest.approx(5)


@pytest.mark.parametrize(
    ("highest", "words"),
    [
        (2.0, "0.0 0.5 1.0 1.5 2.0"),
        (1.2, "0.00 0.25 0.50 0.75 1.00 1.25"),
        (0.1, "0.00 0.02 0.04 0.06 0.08 0.10"),
        (12.0, "0.0 2.5 5.0 7.5 10.0 12.5"),
        (73.4, "0 20 40 60 80"),
        (25_000.0, "0 5000 10000 15000 20000 25000"),
        (0.0, "0.0 0.2 0.4 0.6 0.8 1.0"),
    ],
)
def test_ticks_have_the_digits_that_their_step_needs(highest: float, words: str) -> None:
    at = axis_from_zero(highest)[1]
    write = tick_numbers(at)
    assert [write(one).replace(NARROW, "") for one in at] == words.split()


def test_ticks_of_every_size_differ() -> None:
    for highest in (10.0 ** (n / 7) for n in range(-20, 40)):
        at = axis_from_zero(highest)[1]
        assert len({f"{one:.{tick_digits(at)}f}" for one in at}) == len(at), highest
    assert tick_digits([]) == tick_digits([3.0]) == 0


def test_slow_paces_have_few_ticks() -> None:
    assert paces(8, 400, 6)[2] == [0, 100, 200, 300, 400]


def test_numbers_are_written_for_people() -> None:
    assert (number(1234567.8), number(-0.2), number(-3), number(1.25, 1)) == (
        "1\u202f234\u202f568",
        "0",
        "\u22123",
        "1.2",
    )
    assert (pace(5.5), pace(4.9999), duration(45), duration(725), duration(5025)) == (
        "5:30",
        "5:00",
        "45 s",
        "12:05",
        "1:23:45",
    )
    assert [
        units_of(word).is_metric for word in ("Metric", "meters", None, "Imperial", "feet")
    ] == [True] * 3 + [False] * 2
    assert Units(is_metric=False).pace(1609.344, 600) == 10
