"""TCX files as programs write them, and as they should not: what the reader makes of each."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest

from ingest.errors import CorruptFile, NoSamples
from ingest.reference import tcx as reference
from ingest.transform import parsers
from ingest.transform.parsers import tcx
from ingest.transform.records import LapRow, Recording
from tests.builders import TCX_HEAD, TCX_TPX, tcx_activity, tcx_file, tcx_lap, tcx_point

START = datetime(2024, 5, 1, 6, 0, tzinfo=UTC)
TIMES = [f"2024-05-01T06:00:0{second}Z" for second in range(10)]
CREATOR = (
    "<Creator><Name>fenix 6</Name><UnitId>3317383806</UnitId><ProductID>3290</ProductID>"
    "<Version><VersionMajor>13</VersionMajor><VersionMinor>10</VersionMinor><BuildMajor>0</BuildMajor></Version></Creator>"
)


def read(*laps: str, **kwargs: str) -> Recording:
    return tcx.parse(tcx_file(*laps, **kwargs), "a.tcx")


def points(count: int = 3, inner: str = "") -> list[str]:
    return [tcx_point(TIMES[at], inner, place=(47 + at / 1000, 8)) for at in range(count)]


def only_lap(totals: str, *content: str) -> LapRow:
    return read(tcx_lap(*content, totals=totals)).laps[0]


def test_an_activity_gives_points_a_lap_and_a_sport() -> None:
    recording = parsers.parse(tcx_activity(points=3), "a.tcx")
    assert recording.point_count == 3
    assert (recording.start_time_utc, recording.sport, recording.partial) == (
        START,
        "Running",
        None,
    )
    assert {name: column.tolist() for name, column in recording.points.items()} == {
        "elapsed_s": [0, 1, 2],
        "latitude": [47.0, 47.000027, 47.000054],
        "longitude": [8, 8, 8],
        "altitude_m": [400.0, 400.2, 400.4],
        "distance_m": [0, 3, 6],
        "speed_mps": [3, 3, 3],
        "heartrate_bpm": [120, 121, 122],
        "cadence_rpm": [85, 85, 85],
    }
    assert recording.laps == (
        LapRow(
            lap_index=0,
            start_time_utc=START,
            elapsed_time_s=2,
            distance_m=6,
            intensity="active",
            trigger="manual",
        ),
    )
    assert recording.sessions == ()
    assert not recording.distance_is_haversine


def test_ten_blanks_before_the_declaration_are_passed_over() -> None:
    assert parsers.parse(b" " * 10 + tcx_activity(), "a.tcx").point_count == 3


def test_points_without_position_are_kept() -> None:
    recording = read(
        tcx_lap(tcx_point(TIMES[0]), tcx_point(TIMES[1], place=(47, 8)), tcx_point(TIMES[2]))
    )
    assert recording.point_count == 3
    assert np.isnan(recording.points["latitude"]).tolist() == [True, False, True]
    assert recording.partial is None


@pytest.mark.parametrize("place", [("", 8), (47, "x"), (91, 8), (47, 400)])
def test_half_a_position_is_none(place: tuple[object, object]) -> None:
    recording = read(tcx_lap(*points(1), tcx_point(TIMES[1], place=place)))
    assert np.isnan(recording.points["latitude"]).tolist() == [False, True]
    assert np.isnan(recording.points["longitude"]).tolist() == [False, True]


def test_zero_zero_is_no_position_and_costs_nothing_else() -> None:
    recording = read(
        tcx_lap(*points(1), tcx_point(TIMES[1], "<Cadence>80</Cadence>", place=("0.0", "1e-7")))
    )
    assert np.isnan(recording.points["latitude"]).tolist() == [False, True]
    assert recording.points["cadence_rpm"][1] == 80


@pytest.mark.parametrize(
    "form",
    [
        "2024.05.01 06:00:0{}",
        "2024-05-01T06.00.0{}Z",
        "2024-05-01T06:00:0{}ZZ",
        "٢٠٢٤-٠٥-٠١T٠٦:٠٠:٠{}Z",
    ],
)
def test_times_of_other_habits_are_read(form: str) -> None:
    recording = read(
        tcx_lap(*(tcx_point(form.format(at)) for at in range(3)), start=form.format(0))
    )
    assert (recording.start_time_utc, recording.laps[0].start_time_utc) == (START, START)
    assert recording.points["elapsed_s"].tolist() == [0, 1, 2]


def test_an_offset_that_the_points_share_is_that_of_local_time() -> None:
    recording = read(tcx_lap(*(tcx_point(f"2024-05-01T11:45:0{at}+05:45") for at in range(3))))
    assert (recording.start_time_utc, recording.utc_offset_s) == (START, 20700)


def test_a_stray_clock_costs_its_points_and_is_told() -> None:
    stray = [
        tcx_point("2004-09-15T06:00:08Z", place=(47, 8)),
        tcx_point("1999-08-22T00:00:01Z", place=(47, 8)),
    ]
    recording = read(tcx_lap(stray[0], *points(8), stray[1]))
    assert (recording.start_time_utc, recording.point_count) == (START, 8)
    assert recording.partial == "2 of 10 points have a wrong time, far from the others"


def test_points_that_are_nothing_but_a_time_are_kept() -> None:
    assert list(read(tcx_lap(tcx_point(TIMES[0]), tcx_point(TIMES[4]))).points) == ["elapsed_s"]


@pytest.mark.parametrize(
    ("inner", "name", "value"),
    [
        ("<HeartRateBpm><Value>97</Value></HeartRateBpm>", "heartrate_bpm", 97),
        ('<HeartRateBpm '
         'xsi:type="HeartRateInBeatsPerMinute_t">\n<Value>97</Value>\n</HeartRateBpm>',
         "heartrate_bpm", 97),
        ("<HeartRateBpm>97</HeartRateBpm>", "heartrate_bpm", 97),
        ("<HeartRateBpm><bpm>97</bpm></HeartRateBpm>", "heartrate_bpm", 97),
        ("<AltitudeMeters>412,25</AltitudeMeters>", "altitude_m", 412.25),
        ("<Cadence>۸۵</Cadence>", "cadence_rpm", 85),
        ("<Cadence>0</Cadence>", "cadence_rpm", 0),
        (TCX_TPX.format("<RunCadence>88</RunCadence>"), "cadence_rpm", 88),
        ("<Cadence>60</Cadence>" + TCX_TPX.format("<RunCadence>88</RunCadence>"),
         "cadence_rpm", 60),
        (TCX_TPX.format("<Watts>250</Watts>"), "power_w", 250),
        ("<Extensions><ns3:TPX><ns3:Watts>251</ns3:Watts></ns3:TPX></Extensions>", "power_w", 251),
        ("<Extensions><x:TPX><x:Speed>2.75</x:Speed></x:TPX></Extensions>", "speed_mps", 2.75),
        ("<AltitudeMeters>-1.5</AltitudeMeters>", "altitude_m", -1.5),
        ("<DistanceMeters>0.0</DistanceMeters>", "distance_m", 0),
    ],
)  # fmt: skip
def test_a_value_is_found(inner: str, name: str, value: float) -> None:
    assert read(tcx_lap(*points(2, inner))).points[name].tolist() == [value, value]


def test_run_cadence_fills_in_where_cadence_is_missing() -> None:
    laps = tcx_lap(
        tcx_point(TIMES[0], "<Cadence>60</Cadence>"),
        tcx_point(TIMES[1], TCX_TPX.format("<RunCadence>88</RunCadence>")),
    )
    assert read(laps).points["cadence_rpm"].tolist() == [60, 88]


def test_a_lap_is_read_with_all_its_totals() -> None:
    lap = only_lap(
        "<TotalTimeSeconds>60.5</TotalTimeSeconds><DistanceMeters>200.0</DistanceMeters><MaximumSpeed>4.5</MaximumSpeed>"
        "<Calories>12</Calories><AverageHeartRateBpm><Value>130</Value></AverageHeartRateBpm>"
        "<MaximumHeartRateBpm>\n<Value>150</Value>\n</MaximumHeartRateBpm><Intensity>Resting</Intensity><Cadence>80</Cadence>"
        "<TriggerMethod>Distance</TriggerMethod><Extensions><LX><AvgSpeed>3.3</AvgSpeed><MaxBikeCadence>95</MaxBikeCadence>"
        "<AvgWatts>180</AvgWatts><MaxWatts>400</MaxWatts></LX></Extensions>"
    )
    assert lap == LapRow(
        lap_index=0,
        start_time_utc=START,
        elapsed_time_s=60.5,
        distance_m=200,
        max_speed_mps=4.5,
        calories_kcal=12,
        average_heartrate_bpm=130,
        max_heartrate_bpm=150,
        intensity="resting",
        average_cadence_rpm=80,
        max_cadence_rpm=95,
        trigger="distance",
        average_speed_mps=3.3,
        average_power_w=180,
        max_power_w=400,
    )


def test_run_cadence_of_a_lap_counts_where_it_has_no_cadence() -> None:
    lap = only_lap(
        "<Extensions><LX><AvgRunCadence>81</AvgRunCadence><MaxRunCadence>90</MaxRunCadence></LX></Extensions>"
    )
    assert (lap.average_cadence_rpm, lap.max_cadence_rpm) == (81, 90)


def test_totals_of_a_lap_are_not_taken_from_its_points() -> None:
    inner = "<DistanceMeters>7</DistanceMeters><Cadence>9</Cadence>"
    assert only_lap("", *points(2, inner)) == LapRow(lap_index=0, start_time_utc=START)


@pytest.mark.parametrize(("stated", "expected"), [(3.1, 3.1), (10.8, 3.0), (138.0, 138.0)])
def test_a_maximum_speed_in_kmh_is_told_by_the_points(stated: float, expected: float) -> None:
    slow = points(3, TCX_TPX.format("<Speed>3.0</Speed>"))
    assert only_lap(f"<MaximumSpeed>{stated}</MaximumSpeed>", *slow).max_speed_mps == pytest.approx(
        expected
    )


def test_without_speeds_the_distances_of_the_points_tell_the_unit() -> None:
    moving = [tcx_point(TIMES[at], f"<DistanceMeters>{at * 3}</DistanceMeters>") for at in range(4)]
    assert only_lap("<MaximumSpeed>12.6</MaximumSpeed>", *moving).max_speed_mps == pytest.approx(
        3.5
    )


def test_without_points_the_maximum_speed_is_believed() -> None:
    assert only_lap("<MaximumSpeed>12.6</MaximumSpeed>").max_speed_mps == 12.6


def test_laps_without_track_are_kept_among_the_others() -> None:
    recording = read(
        tcx_lap(*points(2)), tcx_lap(start="2024-05-01T07:00:00Z"), tcx_lap(*points(1))
    )
    assert [lap.lap_index for lap in recording.laps] == [0, 1, 2]
    assert recording.point_count == 3


def test_a_file_of_laps_without_points_is_a_recording() -> None:
    recording = read(tcx_lap(totals="<TotalTimeSeconds>1800</TotalTimeSeconds>"))
    assert (recording.point_count, recording.points, recording.start_time_utc) == (0, {}, START)
    assert recording.laps[0].elapsed_time_s == 1800


def test_laps_outlive_points_without_any_time() -> None:
    recording = read(tcx_lap(tcx_point(None), tcx_point(None)))
    assert recording.point_count == 0
    assert recording.partial == "2 of 2 points have no time"


def test_a_point_without_time_is_interpolated_within_its_lap_only() -> None:
    recording = read(
        tcx_lap(tcx_point(TIMES[0]), tcx_point(None), tcx_point(TIMES[4]), tcx_point(None)),
        tcx_lap(*points(1)),
    )
    assert recording.points["elapsed_s"].tolist() == [0, 2, 4, 0]
    assert recording.partial == "1 of 5 points has no time"


def test_several_activities_are_joined_with_a_session_each() -> None:
    second = '</Activity><Activity Sport="Biking"><Id>2024-05-01T08:00:00Z</Id>' + tcx_lap(
        *points(1), start="2024-05-01T08:00:00Z", totals="<TotalTimeSeconds>60</TotalTimeSeconds>"
    )
    recording = read(
        tcx_lap(*points(2), totals="<TotalTimeSeconds>30</TotalTimeSeconds>"),
        tcx_lap(),
        after=second,
    )
    assert recording.sport == "Running"
    assert recording.point_count == 3
    assert [
        (row.sport, row.num_laps, row.first_lap_index, row.elapsed_time_s)
        for row in recording.sessions
    ] == [
        ("Running", 2, 0, 30),
        ("Biking", 1, 2, 60),
    ]
    assert recording.sessions[1].start_time_utc == datetime(2024, 5, 1, 8, 0, tzinfo=UTC)


def test_the_creator_is_the_device() -> None:
    device = read(tcx_lap(*points()), after=CREATOR).device
    assert (device.name, device.product, device.serial_number) == ("fenix 6", "3290", "3317383806")
    assert device.software_version == "13.10"


def test_a_serial_number_of_zero_is_none() -> None:
    assert read(tcx_lap(), after=CREATOR.replace("3317383806", "0")).device.serial_number is None


def test_the_program_that_wrote_the_file_is_not_the_device() -> None:
    author = "</Activities><Author><Name>Connect Api</Name></Author></TrainingCenterDatabase>"
    data = tcx_file(tcx_lap()).replace(b"</Activities></TrainingCenterDatabase>", author.encode())
    assert tcx.parse(data, "a.tcx").device.name is None


@pytest.mark.parametrize("count", [1, 150])
def test_a_course_is_no_recording(count: int) -> None:
    course = tcx_file(tcx_lap(*[tcx_point(place=(1, 2))] * count)).replace(
        b"Activities", b"Courses"
    )
    with pytest.raises(NoSamples):
        tcx.parse(course.replace(b"Activity", b"Course"), "a.tcx")


def test_times_that_all_lack_a_zone_are_naive() -> None:
    data = tcx_activity().replace(b"Z<", b"<").replace(b'Z"', b'"')
    assert tcx.parse(data, "a.tcx").naive_time
    assert read(tcx_lap(start="2024-05-01T06:00:00")).naive_time


def test_a_damaged_file_keeps_its_whole_points_and_its_lap() -> None:
    data = tcx_activity(points=10)
    recording = tcx.parse(data[: data.rindex(b"<AltitudeMeters>")], "a.tcx")
    assert recording.point_count == 9
    assert recording.laps[0].elapsed_time_s == 9
    assert recording.partial is not None
    assert "damaged or cut off at line" in recording.partial


def test_a_file_damaged_before_anything_is_corrupt() -> None:
    with pytest.raises(CorruptFile, match=r"a\.tcx: damaged or cut off at line 1"):
        tcx.parse(TCX_HEAD.encode() + b"<Activities>", "a.tcx")


def test_a_file_of_nothing_has_no_samples() -> None:
    with pytest.raises(NoSamples, match="neither laps nor track points"):
        tcx.parse(f"{TCX_HEAD}<Activities/></TrainingCenterDatabase>".encode(), "a.tcx")


def test_points_without_laps_and_times_have_no_samples() -> None:
    with pytest.raises(NoSamples, match="none of the 1 track points has a time"):
        tcx.parse(
            f"{TCX_HEAD}<Track>{tcx_point(None)}</Track></TrainingCenterDatabase>".encode(), "a.tcx"
        )


def test_the_first_version_of_tcx_is_read() -> None:
    lap = tcx_lap(
        *points(2, "<HeartRateBpm>99</HeartRateBpm>"),
        totals="<AverageHeartRateBpm>98</AverageHeartRateBpm>",
    )
    history = f"<History><Running>{lap}</Running></History>"
    data = f"<TrainingCenterDatabase>{history}</TrainingCenterDatabase>".encode()
    recording = tcx.parse(data, "a.tcx")
    assert recording.points["heartrate_bpm"].tolist() == [99, 99]
    assert recording.laps[0].average_heartrate_bpm == 98


def test_tcxreader_reads_the_same() -> None:
    data = tcx_activity(points=5)
    ours, theirs = tcx.parse(data, "a.tcx").points, reference.points(b"  " + data)
    assert (theirs.pop("time") - START.timestamp()).tolist() == ours["elapsed_s"].tolist()
    assert np.isnan(theirs.pop("power_w")).all()
    for name, column in theirs.items():
        assert ours[name].tolist() == column.tolist()


@pytest.mark.parametrize(
    "data", [b"", b"\xff", b"<TrainingCenterDatabase>", tcx_file(tcx_lap(tcx_point("soon")))]
)
def test_what_tcxreader_cannot_read_is_corrupt(data: bytes) -> None:
    with pytest.raises(CorruptFile):
        reference.points(data)
