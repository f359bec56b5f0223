"""Writes a track as the GPX of Strava's own app."""

from __future__ import annotations

from typing import Final
from xml.sax.saxutils import escape

from ingest.demo.athlete import Plan
from ingest.demo.kinds import HOME
from ingest.demo.routes import usual_route
from ingest.demo.track import DemoTrack
from ingest.demo.xml_cells import decimal_cells, rows, time_cells, whole_cells

_XSI: Final = "http://www.w3.org/2001/XMLSchema-instance"
_GPX: Final = "http://www.topografix.com/GPX/1/1"
_GARMIN: Final = "http://www.garmin.com/xmlschemas"


def gpx_bytes(plan: Plan, track: DemoTrack) -> bytes:
    """The whole file; a pause shows only as a gap in its times."""
    points = "".join(rows(_columns(plan, track)))
    return f"{_head(plan)}{points}  </trkseg>\n </trk>\n</gpx>\n".encode()


def _head(plan: Plan) -> str:
    schemas = (
        f"{_GPX} {_GPX}/gpx.xsd {_GARMIN}/TrackPointExtension/v1 "
        f"{_GARMIN}/TrackPointExtensionv1.xsd"
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<gpx creator="{"StravaGPX iPhone" if plan.by_phone else "StravaGPX"}" xmlns:xsi="{_XSI}"'
        f' xsi:schemaLocation="{schemas}" version="1.1" xmlns="{_GPX}"'
        f' xmlns:gpxtpx="{_GARMIN}/TrackPointExtension/v1" '
        f'xmlns:gpxx="{_GARMIN}/GpxExtensions/v3">\n'
        f" <metadata>\n  <time>{plan.start:%Y-%m-%dT%H:%M:%SZ}</time>\n </metadata>\n"
        f" <trk>\n  <name>{escape(plan.name)}</name>\n  <type>{plan.kind.gpx_type}</type>\n  "
        "<trkseg>\n"
    )


def _columns(plan: Plan, track: DemoTrack) -> list[list[str]]:
    if track.latitude is None or track.longitude is None or track.altitude_m is None:
        raise ValueError("a GPX needs positions")
    columns = [
        decimal_cells('   <trkpt lat="%.7f"', track.latitude),
        decimal_cells(' lon="%.7f">\n', track.longitude),
        decimal_cells("    <ele>%.1f</ele>\n    <time>", track.altitude_m),
        time_cells(plan, track, "Z</time>\n    <extensions>\n"),
    ]
    if track.power_w is not None:
        columns.append(whole_cells("     <power>%d</power>\n", track.power_w))
    opening = "     <gpxtpx:TrackPointExtension>\n"
    if track.temperature_c is not None and not plan.by_phone:
        columns.append(
            whole_cells(f"{opening}      <gpxtpx:atemp>%d</gpxtpx:atemp>\n", track.temperature_c)
        )
        opening = ""
    columns.append(whole_cells(f"{opening}      <gpxtpx:hr>%d</gpxtpx:hr>\n", track.heartrate_bpm))
    closing = "     </gpxtpx:TrackPointExtension>\n    </extensions>\n   </trkpt>\n"
    columns.append(whole_cells(f"      <gpxtpx:cad>%d</gpxtpx:cad>\n{closing}", track.cadence_rpm))
    return columns


def route_gpx() -> bytes:
    """The planned route that the export carries: positions and heights without times."""
    route = usual_route(HOME, 1.0, 16_000)
    columns = (
        route.latitude[::8].tolist(),
        route.longitude[::8].tolist(),
        route.altitude_m[::8].tolist(),
    )
    points = "".join(
        f'   <trkpt lat="{latitude:.6f}" lon="{longitude:.6f}">\n    <ele>{altitude:.1f}</ele>\n  '
        " </trkpt>\n"
        for latitude, longitude, altitude in zip(*columns, strict=True)
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<gpx creator="StravaGPX" version="1.1" '
        f'xmlns="{_GPX}">\n'
        f" <trk>\n  <name>Round the field, long</name>\n  <trkseg>\n{points}  </trkseg>\n "
        "</trk>\n</gpx>\n"
    ).encode()
