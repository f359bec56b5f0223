"""The fastest stretches of runs, computed by hand, and against the API's shapes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.transform.api_json.detail import detail
from ingest.transform.api_json.streams import recording
from ingest.transform.derived import Derived, Zones, derive
from ingest.transform.derived.efforts import DISTANCES
from ingest.transform.detail_records import BestEffortRow, Detail
from tests.ingest.transform.derived.tracks import START, derived, points
from tests.strava.synthetic import synthetic_account


def effort(found: Derived, name: str) -> BestEffortRow:
    return next(effort for effort in found.best_efforts if effort.name == name)


def test_the_fastest_400_metres_begin_and_end_between_points() -> None:
    # 2 m/s up to 200 m (100 s), 4 m/s for 300 m (75 s), 2 m/s: 300 m at 4 and 100 m at 2.
    found = effort(derived(elapsed_s=[0, 100, 175, 375], distance_m=[0, 200, 500, 900]), "400m")
    assert (found.elapsed_time_s, found.moving_time_s, found.distance_m) == (125.0, 125.0, 400.0)


def test_an_effort_tells_where_and_when_it_was() -> None:
    found = effort(derived(elapsed_s=[0, 100, 200, 300], distance_m=[0, 200, 600, 800]), "400m")
    assert (found.start_index, found.end_index) == (1, 2)
    assert found.start_time_utc == START + timedelta(seconds=100)


def test_rests_count_and_the_moving_time_is_the_elapsed_time_as_on_strava() -> None:
    found = effort(derived(elapsed_s=[0, 50, 110, 160], distance_m=[0, 250, 250, 500]), "400m")
    assert (found.elapsed_time_s, found.moving_time_s) == (140.0, 140.0)


def test_a_rest_before_and_after_belongs_to_no_effort() -> None:
    elapsed, distance = [0, 60, 160, 400], [0, 0, 400, 400]
    found = effort(derived(elapsed_s=elapsed, distance_m=distance), "400m")
    assert (found.elapsed_time_s, found.start_index, found.end_index) == (100.0, 1, 2)


@pytest.mark.parametrize("begin", [200.0, 200.5])
def test_400_metres_between_two_rests_begin_after_one_and_end_before_the_other(
    begin: float,
) -> None:
    # 2 m/s, a minute's rest, 400 m at 5 m/s, a minute's rest, 2 m/s.
    distance = [0, begin, begin, begin + 400, begin + 400, begin + 600]
    found = effort(derived(elapsed_s=[0, 100, 160, 240, 300, 400], distance_m=distance), "400m")
    assert (found.elapsed_time_s, found.start_index, found.end_index) == (80.0, 2, 3)


def test_only_distances_that_were_run_are_found() -> None:
    names = [x.name for x in derived(elapsed_s=[0, 5400], distance_m=[0, 21_097.5]).best_efforts]
    assert names == [
        *(
            "400m",
            "1/2 mile",
            "1K",
            "1 mile",
            "2 mile",
            "5K",
            "10K",
            "15K",
            "10 mile",
            "20K",
            "Half-Marathon",
        ),
    ]
    assert derived(elapsed_s=[0, 100], distance_m=[0, 399]).best_efforts == ()


@pytest.mark.parametrize("sport", ["Walk", "Hike", "Ride", None])
def test_other_sports_have_no_best_efforts(sport: str | None) -> None:
    assert derived(sport, elapsed_s=[0, 300], distance_m=[0, 1000]).best_efforts == ()


def test_no_effort_contains_a_jump_of_the_gps() -> None:
    # 3 m/s all the way; after 600 m a jump of 500 m within a second.
    found = derived(elapsed_s=[0, 200, 201, 401], distance_m=[0, 600, 1100, 1700])
    assert effort(found, "400m").elapsed_time_s == pytest.approx(400 / 3, rel=0.015)
    assert [x.name for x in found.best_efforts] == ["400m"]  # every 805 m of it would have to jump


def test_a_run_goes_on_at_its_own_speed_over_a_small_jump() -> None:
    # 30 m are less than a hundredth of the whole 6 km.
    elapsed = np.arange(0, 2001.0)
    distance = elapsed * 3 + np.where(elapsed >= 1000, 30.0, 0.0)
    found = derived(elapsed_s=elapsed, distance_m=distance)
    assert effort(found, "400m").elapsed_time_s == pytest.approx(400 / 3, rel=0.015)
    assert effort(found, "5K").elapsed_time_s == pytest.approx(5000 / 6030 * 2000, abs=0.01)


def test_what_is_faster_than_the_world_record_is_no_effort() -> None:
    # 10 m/s for 450 m, which no single step gives away, inside a run at 3 m/s.
    elapsed, distance = [0, 500, 545, 1045], [0, 1500, 1950, 3450]
    found = derived(elapsed_s=elapsed, distance_m=distance)
    # 1500 m before and after it are run at 3 m/s; a mile would contain a part of it.
    assert [(x.name, round(x.elapsed_time_s or 0)) for x in found.best_efforts] == [
        ("400m", 133),
        ("1/2 mile", 268),
        ("1K", 333),
    ]


def test_a_ride_that_is_called_a_run_has_no_efforts() -> None:
    # 64 km in two hours and a half: each kilometre of it can be run in its time, the whole cannot.
    assert derived(elapsed_s=[0, 9000], distance_m=[0, 64_000]).best_efforts == ()


def test_a_mile_of_a_ride_inside_a_run_makes_every_distance_around_it_impossible() -> None:
    # 3 m/s for an hour, and 2 km in 3:20 in the middle.
    found = derived(elapsed_s=[0, 1800, 2000, 3800], distance_m=[0, 5400, 7400, 12_800])
    assert [x.name for x in found.best_efforts] == [
        "400m",
        "1/2 mile",
        "1K",
        "1 mile",
        "2 mile",
        "5K",
    ]
    assert effort(found, "5K").elapsed_time_s == pytest.approx(5000 / 3, abs=0.1)


def test_a_distance_that_stood_in_a_tunnel_and_caught_up_was_on_its_way() -> None:
    # 3 m/s; without a signal from 500 s to 540 s, then 123 m within a second.
    elapsed = np.arange(0, 1001.0)
    distance = 3.0 * np.where((elapsed > 500) & (elapsed <= 540), 500.0, elapsed)
    found = derived(elapsed_s=elapsed, distance_m=distance)
    assert effort(found, "400m").elapsed_time_s == pytest.approx(400 / 3, abs=0.001)
    assert effort(found, "1 mile").elapsed_time_s == pytest.approx(1609 / 3, abs=0.001)


def test_efforts_begin_and_end_at_rests_between_whole_metres() -> None:
    # Repeats of 400.4 m at 5 m/s, a minute's rest between them.
    elapsed, distance = [0.0], [0.0]
    for _ in range(4):
        elapsed += [elapsed[-1] + 80.08, elapsed[-1] + 140.08]
        distance += [distance[-1] + 400.4, distance[-1] + 400.4]
    found = derived(elapsed_s=elapsed, distance_m=[x + 0.3 for x in distance])
    assert effort(found, "400m").elapsed_time_s == pytest.approx(80.0, abs=0.001)


def test_every_beginning_is_tried() -> None:
    rng = np.random.default_rng(7)
    elapsed = np.cumsum(rng.integers(1, 4, 2000)).astype(float)
    distance = np.cumsum(rng.uniform(0, 9, 2000))
    begins = np.concatenate((distance, distance - 1000))
    begins = begins[(begins >= distance[0]) & (begins + 1000 <= distance[-1])]
    best = (
        np.interp(begins + 1000, distance, elapsed) - np.interp(begins, distance, elapsed)
    ).min()
    found = effort(derived(elapsed_s=elapsed, distance_m=distance), "1K")
    assert best - 0.001 <= found.elapsed_time_s <= best + 0.5


def _api_runs() -> Iterator[tuple[Detail, Derived]]:
    """Outdoor runs of the synthetic account: what the API tells,
    and what we make of the streams.
    """
    for activity in synthetic_account(40, 3, None, 1).activities.values():
        track = recording(
            {name: {"data": values} for name, values in activity.streams.items()}, START
        )
        if activity.base["type"] == "Run" and track is not None and "latitude" in track.points:
            told = detail(activity.detail)
            yield told, derive(track.points, sport_type="Run", zones=Zones(), start_time_utc=START)


def test_efforts_agree_with_the_shapes_of_the_api() -> None:
    """The synthetic account runs evenly, so its efforts follow from its streams; it cuts to whole
    seconds.
    """
    pairs = [
        (theirs, effort(ours, theirs.name))
        for told, ours in _api_runs()
        for theirs in told.best_efforts
    ]
    assert len(pairs) > 30
    for theirs, mine in pairs:
        assert mine.distance_m == theirs.distance_m
        assert mine.elapsed_time_s == pytest.approx(theirs.elapsed_time_s, abs=1.1)


@pytest.mark.parametrize("unit", ["km", "mi"])
def test_splits_agree_with_the_shapes_of_the_api(unit: str) -> None:
    compared = 0
    for told, ours in _api_runs():
        theirs = [split for split in told.splits if split.unit == unit]
        mine = [split for split in ours.splits if split.unit == unit]
        assert len(theirs) - len(mine) in (0, 1)  # we have no remainders below 10 m
        for a, b in list(zip(mine, theirs, strict=False))[:-1]:
            assert a.distance_m == pytest.approx(b.distance_m, abs=0.1)
            assert a.elapsed_time_s == pytest.approx(b.elapsed_time_s, abs=1.1)
            compared += 1
    assert compared > 20


@st.composite
def hostile_runs(draw: st.DrawFn) -> tuple[list[float], list[float]]:
    """Stretches of any speed, rests, jumps and rides, each of some seconds."""
    elapsed, distance = [0.0], [0.0]
    for seconds, speed in draw(
        st.lists(
            st.tuples(
                st.integers(1, 2000),
                st.sampled_from([0.0, 0.2, 2.5, 3.0, 3.3, 5.0, 6.5, 9.0, 12.0, 30.0, 400.0]),
            ),
            min_size=1,
            max_size=30,
        )
    ):
        every = draw(st.sampled_from([1, 7, 60, 2000]))
        begin, start = elapsed[-1], distance[-1]
        for at in [*range(every, seconds, every), seconds]:
            elapsed.append(begin + at)
            distance.append(min(start + at * speed, 300_000.0))
    return elapsed, distance


@given(hostile_runs())
@settings(max_examples=1000, deadline=None)
def test_no_effort_is_faster_than_the_shorter_ones_of_the_same_run_allow(
    run: tuple[list[float], list[float]],
) -> None:
    found = derived(elapsed_s=run[0], distance_m=run[1]).best_efforts
    seconds = {
        metres: x.elapsed_time_s or 0.0
        for x in found
        for name, metres, _ in DISTANCES
        if name == x.name
    }
    for longer in seconds:
        for shorter in seconds:
            if shorter < longer:
                parts = longer // shorter
                rounding = 0.0005 * (parts + 1) + 1e-6  # each time is in whole milliseconds
                assert seconds[longer] >= parts * seconds[shorter] - rounding
    for name, metres, least in DISTANCES:
        assert seconds.get(metres, least) >= least - 0.01, name


RECORDS = [
    ("400m", 400, 42),
    ("1/2 mile", 805, 99),
    ("1K", 1000, 130),
    ("1 mile", 1609, 221),
    ("2 mile", 3219, 468),
    ("5K", 5000, 750),
    ("10K", 10_000, 1560),
    ("15K", 15_000, 2360),
    ("10 mile", 16_090, 2540),
    ("20K", 20_000, 3180),
    ("Half-Marathon", 21_097, 3360),
    ("30K", 30_000, 5100),
    ("Marathon", 42_195, 7150),
    ("50K", 50_000, 9300),
]


# An even marathon in 7150 s would be too fast over its 30 kilometres.
@pytest.mark.parametrize(
    ("name", "metres", "record_s"), [row for row in RECORDS if row[0] != "Marathon"]
)
def test_a_run_may_be_as_fast_as_a_record_and_no_faster(
    name: str, metres: int, record_s: int
) -> None:
    record = derived(elapsed_s=[0, record_s], distance_m=[0, metres]).best_efforts
    assert (record[-1].name, record[-1].distance_m, record[-1].elapsed_time_s) == (
        name,
        metres,
        record_s,
    )
    assert derived(elapsed_s=[0, record_s - 0.5], distance_m=[0, metres]).best_efforts == ()


@pytest.mark.parametrize(("seconds", "is_run"), [(18_601, True), (18_599, False)])
def test_beyond_50_kilometres_nobody_is_faster_than_over_50(seconds: int, is_run: bool) -> None:
    found = derived(elapsed_s=[0, seconds], distance_m=[0, 100_000]).best_efforts
    assert (len(found) == len(RECORDS)) is is_run


@pytest.mark.parametrize(
    ("metres", "count"), [(399.99, 0), (399.9999999, 1), (999_999, 14), (1_000_001, 0)]
)
def test_efforts_need_400_metres_and_at_most_a_thousand_kilometres(
    metres: float, count: int
) -> None:
    found = derived(elapsed_s=[0, 10 * metres], distance_m=[0, metres]).best_efforts
    assert len(found) == count


@pytest.mark.parametrize(("jump", "goes_on"), [(30, True), (31, False)])
def test_a_jump_of_more_than_a_hundredth_of_the_run_is_cut_out(jump: int, goes_on: bool) -> None:
    # 3 m/s for 1000 s; the second of the jump is run at the average speed of the others.
    elapsed = np.arange(0, 1002.0)
    distance = 3.0 * np.minimum(elapsed, 500) + 3.0 * np.maximum(elapsed - 501, 0)
    distance += np.where(elapsed > 500, jump + 3, 0.0)
    names = [x.name for x in derived(elapsed_s=elapsed, distance_m=distance).best_efforts]
    assert ("1 mile" in names) is goes_on


@pytest.mark.parametrize(("behind", "is_spread"), [(7.0, True), (7.2, False)])
def test_a_distance_that_catches_up_no_faster_than_a_runner_is_spread(
    behind: float, is_spread: bool
) -> None:
    # 500 s at 3 m/s, 50 s without a signal and then all of its metres at once, 500 s at 3 m/s.
    elapsed = np.array([0.0, 500, 549, 550, 1050])
    distance = np.array([0.0, 1500, 1500, 1500 + 50 * behind, 3000 + 50 * behind])
    found = derived(elapsed_s=elapsed, distance_m=distance)
    best = effort(found, "400m").elapsed_time_s
    spread = 50 + (400 - 50 * behind) / 3
    assert best == pytest.approx(spread if is_spread else 400 / 3, abs=0.1)


def test_the_moment_of_an_effort_is_cut_to_seconds_and_may_be_unknown() -> None:
    columns = {"elapsed_s": [0.0, 0.9, 100.9], "distance_m": [0.0, 0.0, 400.0]}
    (known,) = derived("Run", None, **columns).best_efforts
    assert (known.start_time_utc, known.elapsed_time_s) == (START, 100.0)
    for start in (None, datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)):
        late = points(elapsed_s=[0, 10, 110], distance_m=[0, 0, 400])
        (found,) = derive(late, sport_type="Run", zones=Zones(), start_time_utc=start).best_efforts
        assert found.start_time_utc is None


def test_indexes_are_those_of_the_file_s_points() -> None:
    elapsed = [1e12, 0, 60, 160, 1e12, 400]
    (found,) = derived(elapsed_s=elapsed, distance_m=[0, 0, 0, 400, 0, 400]).best_efforts
    assert (found.start_index, found.end_index) == (2, 3)
