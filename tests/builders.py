"""Makes the smallest valid (or exactly so broken) files that the tests read. Sections: FIT, GPX and
TCX, photos, exports.
"""

from __future__ import annotations

import csv
import io
import os
import struct
import zipfile
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from PIL import Image
from PIL.PngImagePlugin import PngInfo
from PIL.TiffImagePlugin import IFDRational

from ingest.transform.tables.languages import EN
from ingest.transform.tables.versions import NEWEST

# --- FIT
# --------------------------------------------------------------------------------------------------

FIT_EPOCH = datetime(1989, 12, 31, tzinfo=UTC)
#: name -> (base type, struct format, invalid value)
FIT_TYPES: dict[str, tuple[int, str, int | float]] = {
    "enum": (0x00, "B", 0xFF),
    "sint8": (0x01, "b", 0x7F),
    "uint8": (0x02, "B", 0xFF),
    "sint16": (0x83, "h", 0x7FFF),
    "uint16": (0x84, "H", 0xFFFF),
    "sint32": (0x85, "i", 0x7FFFFFFF),
    "uint32": (0x86, "I", 0xFFFFFFFF),
    "float32": (0x88, "f", float("nan")),
    "float64": (0x89, "d", float("nan")),
    "uint8z": (0x0A, "B", 0),
    "uint16z": (0x8B, "H", 0),
    "uint32z": (0x8C, "I", 0),
    "sint64": (0x8E, "q", 0x7FFFFFFFFFFFFFFF),
    "uint64": (0x8F, "Q", 0xFFFFFFFFFFFFFFFF),
    "string": (0x07, "s", 0),
    "byte": (0x0D, "s", 0xFF),
}
FitValue = int | float | bytes | None


def fit_time(moment: datetime) -> int:
    """A moment as FIT counts seconds."""
    return int((moment - FIT_EPOCH).total_seconds())


def semicircles(degrees: float) -> int:
    """An angle as FIT stores it."""
    return round(degrees * 2**31 / 180)


class Fit:
    """Writes one FIT file, message by message; every oddity is asked for by name.

    A field is ``(number, type)`` or ``(number, type, size)``; a value ``None`` is the type's
    invalid one, bytes are written as they are.
    """

    def __init__(self, *, big_endian: bool = False, header_size: int = 14) -> None:
        self._big, self._header_size = big_endian, header_size
        self._body = bytearray()
        self._formats: dict[int, list[tuple[str, int | float, int]]] = {}

    def define(
        self,
        local: int,
        message: int,
        *fields: tuple[Any, ...],
        developer: Sequence[tuple[int, int, str]] = (),
    ) -> Fit:
        """A definition; ``developer`` fields are ``(number, developer data index, type)``."""
        plain = [(number, FIT_TYPES[kind], (size or [0])[0]) for number, kind, *size in fields]
        sizes = [size or struct.calcsize("<" + kind[1]) for _, kind, size in plain]
        self._formats[local] = [
            (kind[1], kind[2], size) for (_, kind, _), size in zip(plain, sizes, strict=True)
        ]
        self._body += bytes(
            [0x40 | local | (0x20 if developer else 0), 0, self._big]
        ) + message.to_bytes(2, self._order)
        self._body.append(len(plain))
        for (number, kind, _), size in zip(plain, sizes, strict=True):
            self._body += bytes([number, size, kind[0]])
        if developer:
            self._define_developer(local, developer)
        return self

    def _define_developer(self, local: int, developer: Sequence[tuple[int, int, str]]) -> None:
        self._body.append(len(developer))
        for number, index, name in developer:
            _, code, invalid = FIT_TYPES[name]
            size = struct.calcsize("<" + code)
            self._body += bytes([number, size, index])
            self._formats[local].append((code, invalid, size))

    def add(self, local: int, *values: FitValue, time_offset: int | None = None) -> Fit:
        """A data message of a local type; ``time_offset`` gives it a compressed timestamp
        header.
        """
        self._body.append(local if time_offset is None else 0x80 | local << 5 | time_offset)
        for (code, invalid, size), value in zip(self._formats[local], values, strict=True):
            if isinstance(value, bytes):
                self._body += value.ljust(size, b"\0")
            else:
                self._body += struct.pack(
                    ("><"[not self._big]) + code, invalid if value is None else value
                )
        return self

    def raw(self, data: bytes) -> Fit:
        """Bytes as they are."""
        self._body += data
        return self

    @property
    def _order(self) -> Literal["big", "little"]:
        return "big" if self._big else "little"

    def build(self, *, data_size: int | None = None, crc: bytes = b"\0\0") -> bytes:
        """The file; by default with checksums of zero, as many devices leave them."""
        size = len(self._body) if data_size is None else data_size
        header = struct.pack("<BBHI4s", self._header_size, 0x20, 2134, size, b".FIT")
        return header.ljust(self._header_size, b"\0") + bytes(self._body) + crc


#: A record of ``fit_activity``.
FIT_RECORD = (
    (253, "uint32"),
    (0, "sint32"),
    (1, "sint32"),
    (2, "uint16"),
    (5, "uint32"),
    (6, "uint16"),
    (3, "uint8"),
)


def fit_activity(
    points: int = 3,
    *,
    start: datetime = datetime(2024, 5, 1, 6, 0, tzinfo=UTC),
    utc_offset_s: int | None = 7200,
    sport: int = 1,
) -> bytes:
    """A run of so many seconds, north along a meridian at 3 m/s, with one lap, one session and an
    activity message.
    """
    began = fit_time(start)
    fit = Fit().define(
        0, 0, (0, "enum"), (1, "uint16"), (2, "uint16"), (3, "uint32z"), (4, "uint32")
    )
    fit.add(0, 4, 1, 2697, 4711, began).define(1, 20, *FIT_RECORD)
    for i in range(points):
        latitude = semicircles(47.0 + i * 2.7e-5)
        fit.add(
            1, began + i, latitude, semicircles(8.0), (400 + 500) * 5, i * 300, 3000, 120 + i % 40
        )
    last, ended = max(points - 1, 0), began + max(points - 1, 0)
    totals = ((253, "uint32"), (2, "uint32"), (7, "uint32"), (8, "uint32"), (9, "uint32"))
    fit.define(2, 19, *totals).add(2, ended, began, last * 1000, last * 1000, last * 300)
    fit.define(3, 18, *totals, (5, "enum")).add(
        3, ended, began, last * 1000, last * 1000, last * 300, sport
    )
    fit.define(4, 34, (253, "uint32"), (5, "uint32"))
    return fit.add(4, ended, None if utc_offset_s is None else ended + utc_offset_s).build()


# --- GPX and TCX
# --------------------------------------------------------------------------------------------------

GPX_HEAD = '<gpx xmlns="http://www.topografix.com/GPX/1/1" version="1.1" creator="StravaGPX">'
GPX_TPX = "<extensions><gpxtpx:TrackPointExtension>{}</gpxtpx:TrackPointExtension></extensions>"


def xml_time(start: datetime, seconds: float = 0) -> str:
    """A moment as Strava's own files write it."""
    return (start + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")


def gpx_point(
    lat: object = 47.0,
    lon: object = 8.0,
    time: str | None = "2024-05-01T06:00:00Z",
    inner: str = "",
) -> str:
    """One trkpt; ``None`` leaves a thing out."""
    place = "".join(
        f' {name}="{value}"' for name, value in (("lat", lat), ("lon", lon)) if value is not None
    )
    return f"<trkpt{place}>{inner}{'' if time is None else f'<time>{time}</time>'}</trkpt>"


def gpx_file(
    *segments: Sequence[str], head: str = GPX_HEAD, about: str = "", declaration: str = ""
) -> bytes:
    """A file of one track with these segments of points;
    ``about`` goes before the first segment.
    """
    body = "".join(f"<trkseg>{''.join(points)}</trkseg>" for points in segments)
    return f"{declaration}{head}<trk>{about}{body}</trk></gpx>".encode()


def gpx_activity(
    points: int = 3,
    *,
    start: datetime = datetime(2024, 5, 1, 6, 0, tzinfo=UTC),
    sport: str = "running",
) -> bytes:
    """A run of so many seconds, north along a meridian at 3 m/s, indented as Strava does, with all
    sensors.
    """
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        GPX_HEAD.replace(
            ">", ' xmlns:gpxtpx="http://www.garmin.com/xmlschemas/TrackPointExtension/v1">'
        ),
        f" <trk>\n  <name>Morning Run</name>\n  <type>{sport}</type>\n  <trkseg>",
    ]
    for i in range(points):
        lines += [
            f'   <trkpt lat="{47 + i * 2.7e-5:.7f}" lon="8.0000000">',
            f"    <ele>{400 + i % 7 * 0.2:.1f}</ele>\n    <time>{xml_time(start, i)}</time>",
            f"    <extensions>\n     <power>{200 + i % 50}</power>\n     "
            "<gpxtpx:TrackPointExtension>",
            f"      <gpxtpx:atemp>18</gpxtpx:atemp>\n      <gpxtpx:hr>{120 + i % 40}</gpxtpx:hr>",
            "      <gpxtpx:cad>85</gpxtpx:cad>\n     </gpxtpx:TrackPointExtension>\n    "
            "</extensions>\n   </trkpt>",
        ]
    return "\n".join([*lines, "  </trkseg>\n </trk>\n</gpx>\n"]).encode()


TCX_HEAD = (
    '<TrainingCenterDatabase xmlns="http://www.garmin.com/xmlschemas/TrainingCenterDatabase/v2">'
)
TCX_TPX = (
    "<Extensions><TPX "
    'xmlns="http://www.garmin.com/xmlschemas/ActivityExtension/v2">{}</TPX></Extensions>'
)


def tcx_point(
    time: str | None = "2024-05-01T06:00:00Z",
    inner: str = "",
    *,
    place: tuple[object, object] | None = None,
) -> str:
    """One Trackpoint; ``None`` leaves a thing out."""
    position = (
        ""
        if place is None
        else f"<Position><LatitudeDegrees>{place[0]}</LatitudeDegrees>"
        f"<LongitudeDegrees>{place[1]}</LongitudeDegrees></Position>"
    )
    moment = "" if time is None else f"<Time>{time}</Time>"
    return f"<Trackpoint>{moment}{position}{inner}</Trackpoint>"


def tcx_lap(*points: str, totals: str = "", start: str = "2024-05-01T06:00:00Z") -> str:
    """One Lap with a Track, without one if it has no points."""
    track = f"<Track>{''.join(points)}</Track>" if points else ""
    return f'<Lap StartTime="{start}">{totals}{track}</Lap>'


def tcx_file(*laps: str, sport: str = "Running", after: str = "") -> bytes:
    """A file of one Activity with these laps; ``after`` goes behind them."""
    activity = (
        f'<Activity Sport="{sport}"><Id>2024-05-01T06:00:00Z</Id>{"".join(laps)}{after}</Activity>'
    )
    return f"{TCX_HEAD}<Activities>{activity}</Activities></TrainingCenterDatabase>".encode()


def tcx_activity(
    points: int = 3,
    *,
    start: datetime = datetime(2024, 5, 1, 6, 0, tzinfo=UTC),
    sport: str = "Running",
) -> bytes:
    """A run of so many seconds, north along a meridian at 3 m/s, in one lap, indented as Garmin
    Connect does.
    """
    last = max(points - 1, 0)
    lines = [
        f'<?xml version="1.0" encoding="UTF-8"?>\n{TCX_HEAD}\n  <Activities>\n    <Activity '
        f'Sport="{sport}">',
        f'      <Id>{xml_time(start)}</Id>\n      <Lap StartTime="{xml_time(start)}">',
        f"        <TotalTimeSeconds>{last}.0</TotalTimeSeconds>\n        "
        f"<DistanceMeters>{last * 3}.0</DistanceMeters>",
        "        <Intensity>Active</Intensity>\n        <TriggerMethod>Manual</TriggerMethod>\n   "
        "     <Track>",
    ]
    for i in range(points):
        lines += [
            f"          <Trackpoint>\n            <Time>{xml_time(start, i)}</Time>\n            "
            "<Position>",
            f"              <LatitudeDegrees>{47 + i * 2.7e-5:.7f}</LatitudeDegrees>",
            "              <LongitudeDegrees>8.0</LongitudeDegrees>\n            </Position>",
            f"            <AltitudeMeters>{400 + i % 7 * 0.2:.1f}</AltitudeMeters>",
            f"            <DistanceMeters>{i * 3}.0</DistanceMeters>",
            f"            <HeartRateBpm>\n              <Value>{120 + i % 40}</Value>\n           "
            " </HeartRateBpm>",
            "            <Extensions>\n              <ns3:TPX>\n                "
            "<ns3:Speed>3.0</ns3:Speed>",
            "                <ns3:RunCadence>85</ns3:RunCadence>\n              </ns3:TPX>\n      "
            "      </Extensions>",
            "          </Trackpoint>",
        ]
    lines += [
        "        </Track>\n      </Lap>\n    </Activity>\n  "
        "</Activities>\n</TrainingCenterDatabase>\n"
    ]
    head = '" xmlns:ns3="http://www.garmin.com/xmlschemas/ActivityExtension/v2">'
    return "\n".join(lines).replace('">', head, 1).encode()


#: Format, as the parsers' registry names it -> a function that makes such a file of so many points.
DEVICE_FILES: Mapping[str, Callable[[int], bytes]] = {
    "fit": fit_activity,
    "gpx": gpx_activity,
    "tcx": tcx_activity,
}


# --- Photos
# --------------------------------------------------------------------------------------------------

#: Where ``photo`` was taken, as its XMP and Exif tell it.
PHOTO_PLACE = (47.3769, 8.5417)
_XMP = (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF '
    'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" '
    'xmlns:exif="http://ns.adobe.com/exif/1.0/" exif:GPSLatitude="47,22.6140N" '
    'exif:GPSLongitude="8,32.5020E"/></rdf:RDF></x:xmpmeta>'
)


def photo_exif(*, little_endian: bool = False) -> Image.Exif:
    """Camera, orientation and time, and the place as GPS, as a title and in the maker's notes."""
    exif = Image.Exif()
    exif.endian = "<" if little_endian else ">"
    exif[0x010F], exif[0x0110], exif[0x0112] = "Maker", "Camera 1", 6
    exif[0x010E] = "47.3769 N"
    exif.get_ifd(0x8769).update(
        {
            0x9003: "2024:05:01 07:31:00",
            0x9011: "+02:00",
            0x829A: IFDRational(1, 250),
            0x927C: b"47.3769 N",
        }
    )
    exif.get_ifd(0x8825).update(
        {1: "N", 2: (47.0, 22.0, 36.84), 3: "E", 4: (8.0, 32.0, 30.12), 29: "2024:05:01"}
    )
    return exif


def photo(
    kind: str = "JPEG", *, exif: Image.Exif | None = None, size: int = 24, **options: Any
) -> bytes:
    """A small picture of coloured stripes that tells in every way of its format where it is."""
    made = Image.new("RGB", (size, size // 2))
    made.putdata([(x * 9 % 256, y * 17 % 256, 128) for y in range(size // 2) for x in range(size)])
    told: dict[str, Any] = {"exif": photo_exif() if exif is None else exif}
    if kind == "PNG":
        info = PngInfo()
        info.add_itxt("XML:com.adobe.xmp", _XMP)
        info.add_text("Comment", "47.3769 N")
        told["pnginfo"] = info
    else:
        told["xmp"] = _XMP.encode()
    if kind == "JPEG":
        told |= {"comment": b"47.3769 N", "dpi": (72, 72), "quality": 90}
    out = io.BytesIO()
    made.save(out, kind, **told, **options)
    return out.getvalue()


# --- Exports
# --------------------------------------------------------------------------------------------------

EXPORTED = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
_CELLS = {
    "activity_date": "May 1, 2024, 6:00:00 AM",
    "activity_name": "Morning Run",
    "activity_type": "Run",
    "elapsed_time": "60",
}


def csv_bytes(rows: Sequence[Sequence[object]]) -> bytes:
    """A CSV as Strava writes it."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue().encode()


def activities_csv(*activities: Mapping[str, object]) -> bytes:
    """An English activities.csv of today's columns; cells by the names of
    ``tables.languages.EN``, the first column of each name.
    """
    columns = list(NEWEST)
    rows = [
        {"activity_id": number, **_CELLS, **activity}
        for number, activity in enumerate(activities, 1)
    ]
    cells = [
        [row.get(c, "") if columns.index(c) == i else "" for i, c in enumerate(columns)]
        for row in rows
    ]
    return csv_bytes([[EN.labels[column][0] for column in columns], *cells])


def export_files(
    activities: Sequence[Mapping[str, object]] | None = ({},),
    files: Mapping[str, bytes] | None = None,
    tables: Mapping[str, Sequence[Sequence[object]]] | None = None,
) -> dict[str, bytes]:
    """The files of an export by name: activities.csv (none for ``None``), ``files`` as they are,
    ``tables`` as rows with a header.
    """
    lines = {} if activities is None else {"activities.csv": activities_csv(*activities)}
    return {
        **lines,
        **{name: csv_bytes(rows) for name, rows in (tables or {}).items()},
        **(files or {}),
    }


def export_zip(
    path: Path, *args: Any, prefix: str = "", when: datetime = EXPORTED, **contents: Any
) -> Path:
    """An export as a ZIP whose members are of ``when``; ``contents`` as for ``export_files``, all
    below the folder ``prefix``.
    """
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in export_files(*args, **contents).items():
            archive.writestr(
                zipfile.ZipInfo(prefix + name, when.timetuple()[:6]), data, zipfile.ZIP_DEFLATED
            )
    return path


def export_folder(path: Path, *args: Any, when: datetime = EXPORTED, **contents: Any) -> Path:
    """The same as an unpacked folder, whose files are of ``when``."""
    for name, data in export_files(*args, **contents).items():
        file = path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
        os.utime(file, (when.timestamp(), when.timestamp()))
    return path


def garmin_export(
    path: Path,
    *uploads: Mapping[str, bytes],
    files: Mapping[str, bytes] | None = None,
) -> Path:
    """An account export of Garmin: a ZIP of JSON files, and of a ZIP for each of ``uploads``, which
    holds what devices have uploaded; ``files`` are further ones.
    """
    fitness = b'[{"summarizedActivitiesExport": [{"activityId": 1, "name": "Morning Run"}]}]'
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("DI_CONNECT/DI-Connect-Fitness/1_summarizedActivities.json", fitness)
        archive.writestr("DI_CONNECT/DI-Connect-Wellness/2026_sleepData.json", b"[]")
        archive.writestr("DI_CONNECT/DI-Connect-User/user_settings.fit", fit_activity())
        archive.writestr("customer_data/customer.json", b"{}")
        for number, upload in enumerate(uploads, 1):
            data = io.BytesIO()
            with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as inner:
                for name, content in upload.items():
                    inner.writestr(name, content)
            archive.writestr(garmin_upload(number), data.getvalue())
        for name, content in (files or {}).items():
            archive.writestr(name, content)
    return path


def garmin_upload(number: int) -> str:
    """The name of a ZIP of uploads in an export of Garmin, counted from 1."""
    return f"DI_CONNECT/DI-Connect-Uploaded-Files/UploadedFiles_0-_Part{number}.zip"


def protect(path: Path) -> Path:
    """Mark every file of a ZIP as encrypted, in its own header and in the directory."""
    data = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        infos, at = archive.infolist(), archive.start_dir
    for info in infos:
        data[info.header_offset + 6] |= 1
        data[at + 8] |= 1
        at += 46 + sum(struct.unpack_from("<3H", data, at + 28))  # name, extra field, comment
    path.write_bytes(data)
    return path
