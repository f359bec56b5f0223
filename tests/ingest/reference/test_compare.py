"""What a comparison with a reference library says, and where we rightly differ."""

from __future__ import annotations

import pytest

from ingest.reference import gpx as gpxpy_reader
from ingest.reference import tcx as tcxreader_reader
from ingest.reference.compare import differences
from ingest.transform.parsers import gpx, tcx
from tests.builders import gpx_file, gpx_point, tcx_file, tcx_lap, tcx_point

TIMES = [f"2024-05-01T06:00:{second:02}Z" for second in range(30)]


def of_gpx(*points: str) -> list[str]:
    data = gpx_file(points)
    return list(differences(gpx.parse(data, "a.gpx"), gpxpy_reader.points(data)))


@pytest.mark.parametrize("place", [(0, 0), (47, 190)])
def test_a_position_that_we_do_not_take_as_it_is_makes_no_difference(
    place: tuple[float, float],
) -> None:
    assert (
        of_gpx(gpx_point(time=TIMES[0]), gpx_point(*place, time=TIMES[1]), gpx_point(time=TIMES[2]))
        == []
    )


def test_points_that_a_wrong_clock_cost_make_no_difference() -> None:
    assert (
        of_gpx(gpx_point(time="1970-01-01T00:00:00Z"), *(gpx_point(time=time) for time in TIMES))
        == []
    )


@pytest.mark.parametrize("metres", ["{}", "0.{:03}"])
def test_a_distance_that_was_converted_or_computed_makes_no_difference(metres: str) -> None:
    points = [
        tcx_point(
            TIMES[at],
            f"<DistanceMeters>{metres.format(at * 3)}</DistanceMeters>",
            place=(47 + at * 2.7e-5, 8),
        )
        for at in range(30)
    ]
    data = tcx_file(tcx_lap(*points))
    assert list(differences(tcx.parse(data, "a.tcx"), tcxreader_reader.points(data))) == []


def test_another_value_makes_a_difference() -> None:
    data = gpx_file([gpx_point(time=time, inner="<ele>400</ele>") for time in TIMES[:3]])
    theirs = gpxpy_reader.points(data)
    theirs["altitude_m"][1] = 401
    assert list(differences(gpx.parse(data, "a.gpx"), theirs)) == [
        "altitude_m differs in 1 points, first in point 1: 400, the reference has 401"
    ]
