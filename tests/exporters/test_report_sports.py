"""The report of a runner, a rider and a swimmer, of an ended account, and one for others."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from html import unescape
from itertools import pairwise
from pathlib import Path

import pytest

from exporters.report.sections.routes import decoded
from exporters.report.units import duration
from tests.exporters.conftest import Ask, Change, Export, command
from tests.exporters.test_report import Page, cells, large, part, tile, titles

RUN = {"split-pace", "efforts", "longest-run"}
RIDE = {"climb-speed", "longest-ride"}
SWIM = {"swim-pace", "swim-bests", "longest-swim"}


@pytest.fixture
def page(export: Export, tmp_path: Path) -> Page:
    """The page with some options."""

    def call(*options: str) -> str:
        export("report", *options, out=tmp_path / "report.html")
        return (tmp_path / "report.html").read_text(encoding="utf-8")

    return call


def keys(html: str) -> list[str]:
    return re.findall(r'<section id="([\w-]+)"', html)


@pytest.mark.parametrize(
    ("sport", "own"), [("Run", RUN), ("Ride", {*RIDE, "power"}), ("Swim", SWIM), ("Walk", set())]
)
def test_sections_are_those_of_the_athlete_s_sports(page: Page, sport: str, own: set[str]) -> None:
    assert set(keys(page("--sport", sport))) & (RUN | RIDE | SWIM) == own - {"power"}


def test_the_sport_of_most_hours_comes_first(page: Page, change: Change) -> None:
    change("UPDATE activity_facts SET moving_time_h = 50 WHERE sport_group = 'swim'")
    found = keys(page())
    assert found.index("longest-swim") < found.index("longest-run")
    change("UPDATE activity_facts SET moving_time_h = 9 WHERE sport_group = 'run'")
    found = keys(page())
    assert found.index("longest-swim") > found.index("longest-run")


def test_a_sport_matters_by_hours_or_by_number(page: Page, change: Change, ask: Ask) -> None:
    ((every, swims),) = ask("SELECT count(*), sum(sport_group = 'swim') FROM activity_facts")
    assert 0 < swims < 0.1 * every
    assert "swim-pace" not in keys(page())
    ((hours,),) = ask("SELECT sum(moving_time_h) FROM activity_facts WHERE sport_group <> 'swim'")
    change("UPDATE activity_facts SET moving_time_h = 0 WHERE sport_group = 'swim'")
    change(
        "UPDATE activity_facts SET moving_time_h = :h WHERE activity_id = (SELECT min(activity_id) "
        "FROM activity_facts WHERE sport_group = 'swim')",
        h=hours / 8,
    )
    assert "swim-pace" in keys(page())


def test_longest_rides_are_the_longest(page: Page, ask: Ask) -> None:
    expected = ask(
        "SELECT distance_km, moving_time_s, average_speed_kmh, total_elevation_gain_m, name, "
        "activity_id FROM activity_facts WHERE sport_group = 'ride' ORDER BY distance_km DESC"
    )[:10]
    html = part(page(), "longest-ride")
    rows = cells(html)
    assert [row[1] for row in rows] == [f"{km:.1f}" for km, *_ in expected]
    assert [row[2] for row in rows] == [duration(seconds) for _, seconds, *_ in expected]
    assert [row[5] for row in rows] == [one[4] for one in expected]
    links = re.findall(r'href="https://www.strava.com/activities/(\d+)"', html)
    assert [int(one) for one in links] == [one[5] for one in expected]


def test_riders_see_the_hours_of_weeks(page: Page, ask: Ask) -> None:
    hours = large(part(page(), "weekly")).split("<figure")[2]
    said = titles("<title></title>" + hours)
    (end,) = ask("SELECT max(exported_at) FROM import_files")[0]
    expected = ask(
        "SELECT moving_time_h FROM period_summary WHERE period_type = 'week' AND sport_group <> "
        f"'all' AND moving_time_h > 0 AND period_start > date('{end}', 'weekday 0', '-364 days')"
    )
    drawn = re.findall(r": [A-Za-z& ]+ ([\d.]+) of", " ".join(said))
    assert sorted(drawn) == sorted(f"{one:.1f}" for (one,) in expected)


def test_speed_against_climb_has_the_rides_outdoors(page: Page, ask: Ask) -> None:
    html = part(page("--sport", "Ride", "--sport", "VirtualRide"), "climb-speed")
    expected = ask(
        "SELECT distance_km / moving_time_h, total_elevation_gain_m / distance_km FROM "
        "activity_facts WHERE sport_type = 'Ride' AND distance_km >= 5 AND "
        "total_elevation_gain_m > 0 AND moving_time_h > 0"
    )
    assert f"{len(expected)} rides of 5 km or more" in html
    assert (
        len(expected) < ask("SELECT count(*) FROM activity_facts WHERE sport_group = 'ride'")[0][0]
    )
    told = re.findall(r"<title>([\d.]+) km/h, ([\d.]+) m/km ", large(html))
    assert set(told) <= {(f"{speed:.1f}", f"{climb:.1f}") for speed, climb in expected}
    assert len(told) >= len(expected) - 2


def test_a_swimmer_sees_pace_strokes_and_fastest_lengths(page: Page, ask: Ask) -> None:
    html = page("--sport", "Swim")
    pace, strokes = large(part(html, "swim-pace")).split("<figure")[1:]
    swims = ask("SELECT count(*) FROM activity_facts WHERE sport_group = 'swim'")[0][0]
    assert pace.count(" min/100 m ·") == strokes.count(" strokes ·") == swims
    lengths = ask(
        "SELECT activity_id, elapsed_time_s, is_active FROM swim_lengths ORDER BY activity_id, "
        "length_index"
    )
    pairs = [
        first[1] + second[1]
        for first, second in pairwise(lengths)
        if first[0] == second[0] and first[2] and second[2]
    ]
    assert cells(part(html, "swim-bests"))[0][:2] == ["50 m", duration(min(pairs))]


def test_zones_are_the_hours_of_zone_times(page: Page, ask: Ask) -> None:
    bars, shares = large(part(page(), "zones")).split("<figure")[1:]
    expected = ask(
        "SELECT substr(local_date, 1, 4), zone_index, sum(time_s) / 3600 FROM zone_times JOIN "
        "activity_facts USING (activity_id) WHERE zone_type = 'heartrate' AND time_s > 0 "
        "GROUP BY 1, 2 ORDER BY 1 DESC, 2"
    )
    told = [one.split(" h,")[0] for one in titles("<title></title>" + shares)]
    assert told == [f"{year}, zone {zone}: {hours:.1f}" for year, zone, hours in expected]
    assert "beats/min" in bars
    assert "does not tell your own" in part(page(), "zones")


def test_zones_of_strava_are_not_said_to_be_assumed(page: Page, change: Change) -> None:
    change("UPDATE athlete_zones SET source = 'api'")
    assert "does not tell your own" not in part(page(), "zones")
    change("DELETE FROM zone_times")
    assert "zones" not in keys(page())


def ended(change: Change) -> None:
    """As if the newest export were of four years later."""
    change("UPDATE import_files SET exported_at = '2030-10-31 00:00:00'")


def test_the_page_of_an_ended_account_speaks_of_the_past(
    page: Page, ask: Ask, change: Change
) -> None:
    now = page()
    assert "last 365 days" in now
    assert 'data-number="streak-week-current"' in now
    ended(change)
    html = page()
    last = ask("SELECT max(local_date) FROM activity_facts")[0][0]
    assert "The data is of 31 Oct 2030." in html
    assert "last 365 days" not in html
    assert re.search(r"365 days up to \d+ Oct 2026", html)
    assert "Current streak" not in html
    assert tile(html, "streak-week-last") == tile(now, "streak-week-current")
    assert "it ends with" not in part(html, "years")
    assert f"The 52 weeks up to {int(last[8:10])} Oct 2026" in part(html, "weekly")


def test_lines_of_the_newest_year_end_with_the_day_of_the_export(
    page: Page, ask: Ask, change: Change
) -> None:
    def end(html: str) -> float:
        (path,) = re.findall(
            r'd="M([^"]+)" class="curve y0"', large(part(html, "years")).split("<figure")[1]
        )
        across = float(path.split()[0])
        return across + sum(float(one) for one in re.findall(r"h(-?[\d.]+)", path))

    change("UPDATE import_files SET exported_at = '2026-11-20 08:00:00'")
    html = page()
    assert "it ends with 20 Nov 2026." in part(html, "years")
    of_day = 52 + (324 - 1) / 365 * (1040 - 46 - 52)
    assert end(html) == pytest.approx(of_day, abs=2)
    ended(change)
    assert end(page()) == pytest.approx(1040 - 46, abs=1)


def test_only_known_activities_have_links(page: Page, playground: Path) -> None:
    tables = ("activity_facts", "best_efforts", "split_pace", "power_curve", "tracks", "zone_times")
    with closing(sqlite3.connect(playground / "strava.db")) as connection, connection:
        for table in tables:
            connection.execute(f"UPDATE {table} SET activity_id = -activity_id")
    html = page()
    assert "strava.com" not in html
    assert part(html, "longest-run").count("<tr>") > 3


def test_the_map_has_a_line_per_sport_and_no_virtual_routes(
    page: Page, change: Change, ask: Ask
) -> None:
    html = part(page(), "route-map")
    count = ask(
        "SELECT count(*) FROM tracks JOIN activity_facts USING (activity_id) WHERE "
        "coalesce(route_polyline, '') <> '' AND sport_type NOT LIKE 'Virtual%'"
    )[0][0]
    assert f"{count} routes of all years" in html
    shown = [int(one) for one in re.findall(r'data-title="[^"]*\((\d+)\)"', html)]
    assert sum(shown) == count
    assert 'class="heat s-run"' in html
    assert "route-map" not in keys(page("--routes", "0"))
    change("UPDATE activity_facts SET sport_type = 'VirtualRun'")
    assert "route-map" not in keys(page())


def test_a_public_page_hides_where_most_activities_begin(
    page: Page, ask: Ask, change: Change
) -> None:
    starts = {
        decoded(line)[0]
        for (line,) in ask("SELECT route_polyline FROM tracks WHERE route_polyline <> ''")
    }
    assert len(starts) > 1
    html, public = page(), page("--public")
    words = "Nothing is drawn within 500 m of where most activities begin or end."
    for key in ("route-map", "routes"):
        assert "report --public or --hide-around" in part(html, key)
        assert words in unescape(part(public, key))
    near = page("--public", "--hide-around", "200")
    assert "within 200 m" in near
    assert "within" not in page("--public", "--hide-around", "0").partition('id="routes"')[2]
    assert part(html, "routes") != part(public, "routes") != part(near, "routes")
    # All that begins at home is within 20 km of it.
    far = page("--hide-around", "20000")
    assert part(far, "routes").count("<figure>") < part(html, "routes").count("<figure>") / 2


def test_hiding_does_not_depend_on_what_is_chosen(page: Page, ask: Ask) -> None:
    ((newest,),) = ask(
        "SELECT max(activity_id) FROM tracks JOIN activity_facts USING (activity_id) WHERE "
        "route_polyline <> '' AND sport_type = 'Run'"
    )
    one = page("--public", "--ids", str(newest))
    assert "Nothing is drawn within 500 m" in one


def test_a_public_page_leaves_private_activities_out(page: Page, ask: Ask, change: Change) -> None:
    change(
        "UPDATE activity_facts SET is_private = true, name = 'Secret' WHERE activity_id = (SELECT "
        "max(activity_id) FROM activity_facts WHERE distance_km > 0)"
    )
    change("UPDATE activity_facts SET is_private = false WHERE is_private IS NULL AND year = 2024")
    assert "Secret" in page()
    html = page("--public")
    assert "Secret" not in html
    assert int(tile(html, "activities")) == ask("SELECT count(*) - 1 FROM activity_facts")[0][0]


def test_every_unit_is_the_athlete_s(page: Page, change: Change) -> None:
    change("UPDATE athletes SET measurement_preference = 'Imperial'")
    change("UPDATE activity_facts SET moving_time_h = 9 WHERE sport_group = 'swim'")
    html = page()
    assert {*RUN, *RIDE, *SWIM} <= set(keys(html))
    visible = re.sub(r"<style>.*?</style>|<script>.*?</script>", "", html, flags=re.DOTALL)
    visible = visible.replace(">400 m<", "><")  # Strava's own name of the distance
    words = unescape(re.sub(r"<b>.*?</b>|·[^<]*<|<td class=\"text\">.*?</td>", "<", visible))
    assert not re.findall(r"[^<>]*(?:\bkm\b|km/h|[\d>] m\b|\(m\)|min/100 m)[^<>]*", words)
    assert "mph" in words
    assert "min/100 yd" in words
    assert "mi" in words


def test_a_negative_distance_around_is_refused(playground: Path, tmp_path: Path) -> None:
    done = command(playground, "report", "--hide-around", "-5", "--out", str(tmp_path / "x.html"))
    assert done.exit_code == 2
