"""What figures rest on beside points is read from files and streams, stored, and used again when
they are computed anew.
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from db.models import Activity, Split, Track, TrackPause
from ingest.transform.api_json.streams import recording
from ingest.transform.parsers import parse
from tests.builders import Fit, fit_time, semicircles, tcx_file, tcx_lap, tcx_point, xml_time
from tests.ingest.playground import JANUARY, Playground

T = fit_time(JANUARY)
FILE = "activities/1.fit"
SPLITS = (
    Split.split_index,
    Split.moving_time_s,
    Split.total_elevation_gain_m,
    Split.elevation_loss_m,
)


def paused_run(ascent_m: int | None = 55) -> bytes:
    """1,000 s at 3 m/s up a slope, of which the timer stood for 100 s though the
    athlete went on.
    """
    file = Fit().define(0, 21, (253, "uint32"), (0, "enum"), (1, "enum")).add(0, T, 0, 0)
    file.define(1, 20, (253, "uint32"), (0, "sint32"), (1, "sint32"), (5, "uint32"), (2, "uint16"))
    for i in range(1001):
        if i == 400:
            file.add(0, T + i, 0, 4)
        if i == 500:
            file.add(0, T + i, 0, 0)
        file.add(
            1,
            T + i,
            semicircles(47 + i * 2.7e-5),
            semicircles(8),
            i * 300,
            round((500 + i * 0.04 + 500) * 5),
        )
    file.add(0, T + 1000, 0, 4)
    session = (
        (253, "uint32"),
        (2, "uint32"),
        (7, "uint32"),
        (8, "uint32"),
        (5, "enum"),
        (22, "uint16"),
        (23, "uint16"),
    )
    return (
        file.define(2, 18, *session).add(2, T + 1000, T, 1_000_000, 900_000, 1, ascent_m, 3).build()
    )


def test_a_fit_file_tells_timer_pauses_climb_and_descent() -> None:
    figures = parse(paused_run(), "a.fit").figures
    assert (figures.timer_time_s, figures.ascent_m, figures.descent_m) == (900.0, 55.0, 3.0)
    assert figures.pauses == ((400.0, 500.0),)
    assert figures.is_barometric


def test_the_laps_of_a_tcx_file_tell_the_timer() -> None:
    laps = [
        tcx_lap(
            tcx_point(xml_time(JANUARY, at)),
            totals=f"<TotalTimeSeconds>{seconds}</TotalTimeSeconds>",
        )
        for at, seconds in ((0, 300), (400, 200.5))
    ]
    assert parse(tcx_file(*laps), "a.tcx").figures.timer_time_s == 500.5


def test_the_stream_of_moving_tells_pauses_by_the_steps_that_lead_to_points() -> None:
    times, moving = [0, 10, 20, 40, 50, 60], [False, True, False, False, True, False]
    found = recording({"time": {"data": times}, "moving": {"data": moving}}, datetime(2026, 1, 1))
    assert found is not None
    assert found.figures.has_moving_stream
    assert found.figures.pauses == ((10.0, 40.0), (50.0, 60.0))


def test_a_stream_of_moving_that_is_none_is_passed_over() -> None:
    for moving in ([True], [1, 0], "yes", None):
        found = recording({"time": {"data": [0, 10]}, "moving": {"data": moving}}, None)
        assert found is not None
        assert not found.figures.has_moving_stream


def test_figures_are_stored_and_those_computed_anew_are_the_same(playground: Playground) -> None:
    playground.add("a.zip", [{"filename": FILE}], files={FILE: paused_run()})
    playground.run()
    before = playground.rows(*SPLITS)
    assert sum(row[1] for row in before if row[0] < 3) > 0
    assert playground.rows(Track.timer_time_s, Track.device_ascent_m) == [(900.0, 55.0)]
    assert playground.rows(TrackPause.start_elapsed_s, TrackPause.end_elapsed_s) == [(400.0, 500.0)]
    with playground.engine.begin() as connection:
        connection.execute(sa.update(Track).values(derived_from="version 1, run"))
        connection.execute(sa.delete(Split))
    assert "computed anew" in " ".join(playground.run().notes)
    assert playground.rows(*SPLITS) == before
    assert "points alone" not in playground.rows(Track.derived_from)[0][0]


def test_a_track_whose_pauses_nobody_kept_is_computed_from_points_and_marked(
    playground: Playground,
) -> None:
    path = playground.add("a.zip", [{"filename": FILE}], files={FILE: paused_run()})
    playground.run()
    path.unlink()
    with playground.engine.begin() as connection:
        connection.execute(sa.delete(TrackPause))
        old = {"has_moving_stream": None, "timer_time_s": None, "derived_from": "version 2, run"}
        connection.execute(sa.update(Track).values(**old))
    playground.run()
    ((derived_from,),) = playground.rows(Track.derived_from)
    assert derived_from.endswith("points alone")
    total = sum(
        row[1] for row in playground.rows(Split.unit, Split.moving_time_s) if row[0] == "km"
    )
    assert round(total) == 1000
    assert not playground.run().notes  # it is as good as it gets


def test_a_file_read_again_replaces_its_pauses(playground: Playground) -> None:
    playground.add("a.zip", [{"filename": FILE}], files={FILE: paused_run()})
    playground.run()
    with playground.engine.begin() as connection:
        connection.execute(sa.update(Track).values(parser_version=0))
        connection.execute(sa.text("UPDATE import_files SET parser_version = 0"))
    playground.run()
    assert len(playground.rows(TrackPause.pause_index)) == 1
    assert playground.rows(Activity.has_track) == [(True,)]
