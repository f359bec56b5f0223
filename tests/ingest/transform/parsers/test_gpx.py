"""GPX files as programs write them, and as they should not: what the reader makes of each."""

from __future__ import annotations

import math
from datetime import UTC, datetime

import numpy as np
import pytest

from ingest.errors import CorruptFile, NoSamples
from ingest.reference import gpx as reference
from ingest.transform import parsers
from ingest.transform.parsers import gpx
from ingest.transform.positions import EARTH_RADIUS_M
from ingest.transform.records import Recording
from tests.builders import GPX_HEAD, GPX_TPX, gpx_activity, gpx_file, gpx_point

START = datetime(2024, 5, 1, 6, 0, tzinfo=UTC)
TIMES = [f"2024-05-01T06:00:0{second}Z" for second in range(10)]


def points(count: int = 3, inner: str = "") -> list[str]:
    return [gpx_point(lat=47 + at / 1000, time=TIMES[at], inner=inner) for at in range(count)]


def timed(*times: str | None) -> list[str]:
    return [gpx_point(lat=47 + at / 1000, time=time) for at, time in enumerate(times)]


def read(*segments: list[str], **kwargs: str) -> Recording:
    return gpx.parse(gpx_file(*segments, **kwargs), "a.gpx")


def column(inner: str, name: str) -> list[float]:
    found: list[float] = read(points(2, inner)).points[name].tolist()
    return found


def test_an_activity_gives_points_name_type_and_creator() -> None:
    recording = parsers.parse(gpx_activity(points=3), "a.gpx")
    assert recording.point_count == 3
    assert recording.start_time_utc == START
    assert (recording.name, recording.sport, recording.device.name) == (
        "Morning Run",
        "running",
        "StravaGPX",
    )
    assert recording.points["elapsed_s"].tolist() == [0, 1, 2]
    assert recording.points["heartrate_bpm"].tolist() == [120, 121, 122]
    assert recording.points["power_w"].tolist() == [200, 201, 202]
    assert recording.points["cadence_rpm"].tolist() == [85] * 3
    assert recording.points["temperature_c"].tolist() == [18] * 3
    assert (recording.partial, recording.naive_time, recording.distance_is_haversine) == (
        None,
        False,
        True,
    )


@pytest.mark.parametrize(
    "head",
    [
        '<gpx xmlns="http://www.topografix.com/GPX/1/0" version="1.0">',
        '<gpx xmlns="http://www.topografix.com/GPX/1/1" version="5.8">',
        "<gpx>",
        "<GPX>",
    ],
)
def test_version_and_namespace_do_not_matter(head: str) -> None:
    data = gpx_file(points(), head=head).replace(
        b"</gpx>", b"</GPX>" if head == "<GPX>" else b"</gpx>"
    )
    assert gpx.parse(data, "a.gpx").point_count == 3


def test_a_prefix_on_every_element_does_not_matter() -> None:
    data = (
        gpx_file(points())
        .decode()
        .replace("</", "</g:")
        .replace("<", "<g:")
        .replace("<g:/g:", "</g:")
    )
    assert gpx.parse(data.encode(), "a.gpx").point_count == 3


@pytest.mark.parametrize(
    "blanks", [b" " * 10, b"\xef\xbb\xbf", b"\xef\xbb\xbf\n ", b"\0\0", b"\r\n\t"]
)
def test_what_stands_before_the_declaration_is_passed_over(blanks: bytes) -> None:
    assert parsers.parse(blanks + gpx_activity(), "a.gpx").point_count == 3


def test_zeros_behind_the_end_are_passed_over() -> None:
    assert gpx.parse(gpx_activity() + bytes(512), "a.gpx").partial is None


@pytest.mark.parametrize(
    "codec", ["utf-16", "utf-16-le", "utf-16-be", "latin-1", "cp1252", "utf-8-sig"]
)
def test_a_file_is_read_in_its_encoding(codec: str) -> None:
    declaration = (
        '<?xml version="1.0" '
        f'encoding="{"utf-16" if "16" in codec else codec.removesuffix("-sig")}"?>'
    )
    text = gpx_file(points(), about="<name>Schönes Tößtal</name>", declaration=declaration).decode()
    assert parsers.parse(text.encode(codec), "a.gpx").name == "Schönes Tößtal"


@pytest.mark.parametrize("declared", ["utf-16", "no-such-codec", "zlib", "unicode_escape"])
def test_an_encoding_that_cannot_be_true_is_not_believed(declared: str) -> None:
    declaration = f'<?xml version="1.0" encoding="{declared}"?>'
    assert read(points(), about="<name>Zürich</name>", declaration=declaration).name == "Zürich"


def test_a_byte_that_is_no_letter_costs_the_letter_only() -> None:
    data = gpx_file(points(), about="<name>Z_rich</name>").replace(b"_", b"\xfc")
    assert gpx.parse(data, "a.gpx").name == "Z\ufffdrich"


def test_tracks_and_segments_are_joined_in_order() -> None:
    data = gpx_file(points(2), points(3)).replace(
        b"</trkseg><trkseg>", b"</trkseg></trk><trk><trkseg>"
    )
    recording = gpx.parse(data, "a.gpx")
    assert recording.points["elapsed_s"].tolist() == [0, 1, 0, 1, 2]


@pytest.mark.parametrize(
    ("inner", "name", "value"),
    [
        (GPX_TPX.format("<gpxtpx:hr>150</gpxtpx:hr>"), "heartrate_bpm", 150),
        (GPX_TPX.format("<gpxtpx:cad>0</gpxtpx:cad>"), "cadence_rpm", 0),
        (GPX_TPX.format("<gpxtpx:atemp>-3.5</gpxtpx:atemp>"), "temperature_c", -3.5),
        (GPX_TPX.format("<gpxtpx:speed>2.5</gpxtpx:speed>"), "speed_mps", 2.5),
        ("<extensions><gpxdata:hr>61</gpxdata:hr></extensions>", "heartrate_bpm", 61),
        ("<extensions><gpxdata:temp>29</gpxdata:temp></extensions>", "temperature_c", 29),
        ("<extensions><gpxdata:cadence>77</gpxdata:cadence></extensions>", "cadence_rpm", 77),
        ("<extensions><power>0</power></extensions>", "power_w", 0),
        ("<extensions><gpxpx:PowerInWatts>234</gpxpx:PowerInWatts></extensions>", "power_w", 234),
        ("<extensions><ns3:TrackPointExtension><ns3:HR> 88 "
         "</ns3:HR></ns3:TrackPointExtension></extensions>", "heartrate_bpm", 88),
        ("<speed>4.25</speed>", "speed_mps", 4.25),
        ("<ele>0</ele>", "altitude_m", 0),
        ("<ele>1.5e2</ele>", "altitude_m", 150),
    ],
)  # fmt: skip
def test_a_value_is_found_under_any_prefix(inner: str, name: str, value: float) -> None:
    assert column(inner, name) == [value, value]


@pytest.mark.parametrize("text", ["", " ", "n/a", "nan", "inf", "1e999"])
def test_what_is_no_number_is_missing(text: str) -> None:
    there = gpx_point(lat=48, time=TIMES[5], inner="<ele>7</ele>")
    altitude = read([*points(1, f"<ele>{text}</ele>"), there]).points["altitude_m"]
    assert np.isnan(altitude[0])
    assert altitude[1] == 7


def test_a_column_without_any_value_is_left_out() -> None:
    assert list(read(points()).points) == ["elapsed_s", "latitude", "longitude", "distance_m"]


@pytest.mark.parametrize(
    ("lat", "lon"),
    [
        (None, 8.0),
        (47.0, None),
        (None, None),
        ("", 8.0),
        ("x", 8.0),
        (91, 8),
        (47, -400),
        ("nan", 8),
        (0, 0),
        ("0.00000", "-0.0"),
    ],
)
def test_a_point_without_position_keeps_its_other_values(lat: object, lon: object) -> None:
    ends = [gpx_point(47 + at / 10_000, time=TIMES[2 * at]) for at in range(2)]
    recording = read([ends[0], gpx_point(lat, lon, TIMES[1], "<hr>140</hr>"), ends[1]])
    assert recording.points["heartrate_bpm"][1] == 140
    assert np.isnan(recording.points["latitude"]).tolist() == [False, True, False]
    assert recording.points["distance_m"][1] == pytest.approx(recording.points["distance_m"][2] / 2)
    assert recording.partial is None


def test_a_point_that_tells_neither_position_nor_sensor_is_left_out_and_told() -> None:
    recording = read(
        [
            gpx_point(time=TIMES[0]),
            gpx_point(None, 8.0, TIMES[1], "<ele>400</ele>"),
            gpx_point(time=TIMES[2]),
        ]
    )
    assert recording.points["elapsed_s"].tolist() == [0, 2]
    assert recording.partial == "1 of 3 points has neither a position nor a sensor's value"


def test_position_is_found_whatever_its_case() -> None:
    data = gpx_file(points()).replace(b" lat=", b" LAT=").replace(b" lon=", b" g:Lon=")
    assert gpx.parse(data, "a.gpx").points["latitude"].tolist() == [47.0, 47.001, 47.002]


def test_a_point_without_time_between_timed_ones_is_interpolated() -> None:
    recording = read(timed(TIMES[0], None, None, TIMES[6]))
    assert recording.points["elapsed_s"].tolist() == [0, 2, 4, 6]
    assert recording.partial is None


def test_points_without_time_at_the_ends_are_dropped_and_counted() -> None:
    recording = read(timed(None, TIMES[0], TIMES[1], None, None))
    assert recording.points["elapsed_s"].tolist() == [0, 1]
    assert recording.partial == "3 of 5 points have no time"


def test_times_are_not_interpolated_across_segments() -> None:
    recording = read(timed(TIMES[0], None), timed(None, TIMES[6]))
    assert recording.points["elapsed_s"].tolist() == [0, 6]


def test_a_file_without_any_time_has_no_track() -> None:
    with pytest.raises(NoSamples, match="none of the 3 track points has a time"):
        read(timed(None, None, None))


def test_a_file_without_any_position_has_no_track() -> None:
    with pytest.raises(NoSamples, match="none of the 1 track points has a position"):
        read([gpx_point(None, None)])


@pytest.mark.parametrize(
    "body",
    ["", "<trk><trkseg/></trk>", '<wpt lat="1" lon="2"/>', '<rte><rtept lat="1" lon="2"/></rte>'],
)
def test_a_file_without_track_points_has_no_samples(body: str) -> None:
    with pytest.raises(NoSamples, match=r"a\.gpx: holds no track points"):
        gpx.parse(f"{GPX_HEAD}{body}</gpx>".encode(), "a.gpx")


@pytest.mark.parametrize(
    ("times", "elapsed"),
    [
        (("2024-05-01T06:00:00.000Z", "2024-05-01T06:00:00.994Z"), 0.994),
        (("2024-05-01T06:00:00+00:00", "2024-05-01T06:00:01+00:00"), 1),
        (("2024-05-01T08:00:00+02:00", "2024-05-01T06:00:01Z"), 1),
        (("2024-05-01T06:00:00Z", "2024-05-01T06:00:00.25Z"), 0.25),
        (("2024-05-01T00:30:00-05:30", "2024-05-01T06:00:00.123456789Z"), 0.123456),
    ],
)
def test_times_are_read_in_all_their_forms(times: tuple[str, str], elapsed: float) -> None:
    recording = read(timed(*times))
    assert recording.start_time_utc == START
    assert recording.points["elapsed_s"].tolist() == [0, elapsed]


def test_times_that_all_lack_a_zone_are_naive() -> None:
    recording = read(timed("2013-05-01T06:00:00", "2013-05-01T06:00:01.5"))
    assert recording.naive_time
    assert recording.start_time_utc == datetime(2013, 5, 1, 6, 0, tzinfo=UTC)


def test_one_zone_makes_times_not_naive() -> None:
    assert not read(timed("2013-05-01T06:00:00", "2013-05-01T06:00:01Z")).naive_time


def test_a_year_that_no_device_has_seen_is_no_time() -> None:
    assert read(timed("0001-01-01T00:00:00Z", *TIMES[:2])).start_time_utc == START


def test_distance_is_the_haversine_sum_over_segments_and_the_gaps_between() -> None:
    metre = 180 / (EARTH_RADIUS_M * math.pi)
    north = [gpx_point(at * 100 * metre, 8.0, TIMES[at]) for at in (1, 2)]
    east = [gpx_point(200 * metre, 8.0 + at * 100 * metre, TIMES[2 + at]) for at in (1, 2)]
    assert read(north, east).points["distance_m"] == pytest.approx([0, 100, 200, 300], rel=1e-6)


def test_a_jump_that_nobody_could_make_is_no_distance() -> None:
    places = (47.0, 47.00003, 48.0, 47.00009, 47.00012)
    recording = read(
        [gpx_point(lat, time=TIMES[at]) for at, lat in enumerate(places)],
        about="<type>running</type>",
    )
    assert recording.points["distance_m"][[2, 4]] == pytest.approx([6.678, 13.355], abs=0.001)


def test_a_file_of_heart_rates_without_positions_is_a_track_without_distance() -> None:
    recording = read([gpx_point(0, 0, time, "<hr>99</hr>") for time in TIMES[:3]])
    assert list(recording.points) == ["elapsed_s", "heartrate_bpm"]
    assert not recording.distance_is_haversine


def test_a_longitude_beyond_the_antimeridian_is_the_same_angle() -> None:
    recording = read(
        [gpx_point(-17, lon, TIMES[at]) for at, lon in enumerate((179.9999, 180.0001, -180.0002))]
    )
    assert recording.points["longitude"] == pytest.approx([179.9999, -179.9999, 179.9998])
    assert recording.points["distance_m"][-1] < 60


def test_speeds_in_kmh_are_converted_and_said() -> None:
    made = [
        gpx_point(47 + at * 0.00003, time=TIMES[at], inner="<speed>12.0</speed>")
        for at in range(10)
    ]
    recording = read(made)
    assert recording.points["speed_mps"] == pytest.approx([12 / 3.6] * 10)
    assert recording.corrections == ("speeds of points are in km/h: converted",)


@pytest.mark.parametrize(
    ("times", "offset"),
    [
        (["2024-05-01T08:00:00+02:00", "2024-05-01T08:00:01+02:00"], 7200),
        (["2024-05-01T00:30:00-05:30", "2024-05-01T00:30:02-05:30"], -19800),
        (["2024-05-01T06:00:00+00:00", "2024-05-01T06:00:01+00:00"], None),
        (["2024-05-01T08:00:00+02:00", "2024-05-01T06:00:01Z"], None),
        (["2024-05-01T06:00:00Z", "2024-05-01T06:00:01Z"], None),
    ],
)
def test_an_offset_that_the_points_share_is_that_of_local_time(
    times: list[str], offset: int | None
) -> None:
    assert read(timed(*times)).utc_offset_s == offset


@pytest.mark.parametrize("latitude", ["47,5", "٤٧٫٥", "４７.５", "४७.५", "๔๗,๕", "+47.5"])
def test_a_number_of_another_habit_is_read(latitude: str) -> None:
    assert read([gpx_point(latitude, "8,25")]).points["latitude"].tolist() == [47.5]


@pytest.mark.parametrize(
    ("texts", "values"),
    [
        (("1,234", "999.5"), [math.nan, 999.5]),
        (("12,5", "13.5"), [12.5, 13.5]),
        (("1.234,5", "1,234.5"), [1234.5, 1234.5]),
        (("1,2,3", "7"), [math.nan, 7]),
    ],
)
def test_a_comma_is_read_where_it_can_be_only_one_thing(
    texts: tuple[str, str], values: list[float]
) -> None:
    made = [gpx_point(time=TIMES[at], inner=f"<ele>{text}</ele>") for at, text in enumerate(texts)]
    assert read(made).points["altitude_m"].tolist() == pytest.approx(values, nan_ok=True)


@pytest.mark.parametrize("inner", ["<bpm>88</bpm>", "<extensions><x:Bpm>88</x:Bpm></extensions>"])
def test_a_heart_rate_is_found_under_its_unit(inner: str) -> None:
    assert column(inner, "heartrate_bpm") == [88, 88]


def test_a_stray_clock_costs_its_points_and_is_told() -> None:
    recording = read(timed("1970-01-01T00:00:07Z", *TIMES, "2044-12-15T06:00:11Z"))
    assert recording.start_time_utc == START
    assert recording.points["elapsed_s"].tolist() == list(range(10))
    assert recording.partial == "2 of 12 points have a wrong time, far from the others"


def test_a_damaged_file_keeps_its_whole_points() -> None:
    data = gpx_activity(points=10)
    recording = gpx.parse(data[: data.index(b"<ele>", data.index(b"<trkpt", 1500))], "a.gpx")
    assert 0 < recording.point_count < 10
    assert recording.partial is not None
    assert recording.partial.startswith("damaged or cut off at line ")


def test_a_file_damaged_before_its_first_point_is_corrupt() -> None:
    with pytest.raises(CorruptFile, match=r"a\.gpx: damaged or cut off at line 1"):
        gpx.parse(b"<gpx><trk><trkseg><trkpt lat='1'", "a.gpx")


def test_the_first_name_and_type_of_a_track_count() -> None:
    about = "<name/><name> Lunch\nRide </name><type>1</type><type>9</type>"
    recording = gpx.parse(
        gpx_file(points(), about=about).replace(
            b"<trk>", b"<metadata><name>No</name></metadata><trk>"
        ),
        "a.gpx",
    )
    assert (recording.name, recording.sport) == ("Lunch\nRide", "1")


def test_entities_of_html_are_left_out() -> None:
    assert read(points(), about="<name>Tom &amp; Jo&nbsp;e</name>").name == "Tom & Joe"


@pytest.mark.parametrize(
    "doctype",
    [
        '<!DOCTYPE gpx [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>',
        '<!DOCTYPE gpx [<!ENTITY a SYSTEM "file:///etc/hostname">]>',
        '<!DOCTYPE gpx [<!ENTITY % a SYSTEM "file:///etc/hostname"> %a;]>',
    ],
)
def test_a_file_that_declares_entities_is_refused(doctype: str) -> None:
    with pytest.raises(CorruptFile, match="declares the entity 'a'"):
        read(points(), declaration=doctype, about="<name>&a;</name>")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"<gpx>" + b"<a>" * 1000, "nests elements more than 64 deep"),
        (b'<gpx><trkpt lat="1" lon="2">' + b"<a>" * 2_000_000, "has a point that does not end"),
        (b"<gpx><!--" + b"a" * 12_000_000, "has a tag or comment of megabytes"),
    ],
)
def test_xml_that_no_device_writes_is_refused(data: bytes, reason: str) -> None:
    with pytest.raises(CorruptFile, match=reason):
        gpx.parse(data, "a.gpx")


def test_gpxpy_reads_the_same() -> None:
    data = gpx_activity(points=5)
    ours, theirs = gpx.parse(data, "a.gpx").points, reference.points(data)
    for name in (
        "latitude",
        "longitude",
        "altitude_m",
        "heartrate_bpm",
        "cadence_rpm",
        "power_w",
        "temperature_c",
    ):
        assert ours[name].tolist() == theirs[name].tolist()
    assert (theirs["time"] - theirs["time"][0]).tolist() == ours["elapsed_s"].tolist()


@pytest.mark.parametrize(
    "data", [b"<gpx", b"\xff", b"<gpx><trk><trkseg><trkpt/></trkseg></trk></gpx>", b""]
)
def test_what_gpxpy_cannot_read_is_corrupt(data: bytes) -> None:
    with pytest.raises(CorruptFile):
        reference.points(data)
