"""Writes a track as TCX with laps, after ten blanks as in Strava's exports."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from ingest.demo.athlete import Plan
from ingest.demo.totals import Totals, lap_totals
from ingest.demo.track import DemoTrack
from ingest.demo.xml_cells import decimal_cells, rows, time_cells, whole_cells

_GARMIN: Final = "http://www.garmin.com/xmlschemas"
_HEAD: Final = (
    f'{"":10}<?xml version="1.0" encoding="UTF-8"?>\n'
    "<TrainingCenterDatabase"
    f' xsi:schemaLocation="{_GARMIN}/TrainingCenterDatabase/v2 '
    f'{_GARMIN}/TrainingCenterDatabasev2.xsd"'
    f' xmlns:ns3="{_GARMIN}/ActivityExtension/v2" xmlns="{_GARMIN}/TrainingCenterDatabase/v2"'
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">\n'
    " <Activities>\n"
)
_TAIL: Final = (
    '   <Creator xsi:type="Device_t">\n    <Name>Forerunner 935</Name>\n    '
    "<UnitId>3900000001</UnitId>\n"
    "    <ProductID>2691</ProductID>\n    <Version>\n     <VersionMajor>13</VersionMajor>\n"
    "     <VersionMinor>30</VersionMinor>\n    </Version>\n   </Creator>\n"
    "  </Activity>\n </Activities>\n</TrainingCenterDatabase>\n"
)


def tcx_bytes(plan: Plan, track: DemoTrack) -> bytes:
    """The whole file; a point between two laps belongs to the one that it ends."""
    points = rows(_columns(plan, track))
    parts = [
        _HEAD,
        f'  <Activity Sport="{plan.kind.tcx_sport}">\n   '
        f"<Id>{plan.start:%Y-%m-%dT%H:%M:%S.000Z}</Id>\n",
    ]
    done = 0
    for index, lap in enumerate(lap_totals(track)):
        trigger = "Manual" if index == len(track.lap_ends) - 1 else "Distance"
        parts += (_lap_head(plan, lap, trigger), *points[done : lap.last + 1], _lap_tail(lap))
        done = lap.last + 1
    return "".join((*parts, _TAIL)).encode()


def _lap_head(plan: Plan, lap: Totals, trigger: str) -> str:
    start = plan.start + timedelta(seconds=lap.start_s)
    cadence = (
        f"    <Cadence>{lap.average_cadence_rpm:.0f}</Cadence>\n"
        if plan.kind.fit_sport == 2
        else ""
    )
    return (
        f'   <Lap StartTime="{start:%Y-%m-%dT%H:%M:%S.000Z}">\n'
        f"    <TotalTimeSeconds>{lap.timer_s}.0</TotalTimeSeconds>\n"
        f"    <DistanceMeters>{lap.distance_m:.2f}</DistanceMeters>\n"
        f"    <MaximumSpeed>{lap.max_speed_mps:.3f}</MaximumSpeed>\n"
        f"    <Calories>{lap.calories_kcal:.0f}</Calories>\n"
        f"    <AverageHeartRateBpm>\n     <Value>{lap.average_heartrate_bpm:.0f}</Value>\n    "
        "</AverageHeartRateBpm>\n"
        f"    <MaximumHeartRateBpm>\n     <Value>{lap.max_heartrate_bpm:.0f}</Value>\n    "
        "</MaximumHeartRateBpm>\n"
        f"    <Intensity>Active</Intensity>\n{cadence}    "
        f"<TriggerMethod>{trigger}</TriggerMethod>\n    <Track>\n"
    )


def _lap_tail(lap: Totals) -> str:
    return (
        "    </Track>\n    <Extensions>\n     <ns3:LX>\n"
        f"      <ns3:AvgSpeed>{lap.average_speed_mps:.3f}</ns3:AvgSpeed>\n"
        "     </ns3:LX>\n    </Extensions>\n   </Lap>\n"
    )


def _columns(plan: Plan, track: DemoTrack) -> list[list[str]]:
    columns = [time_cells(plan, track, ".000Z</Time>\n")]
    columns[0] = [f"     <Trackpoint>\n      <Time>{text}" for text in columns[0]]
    if track.latitude is not None and track.longitude is not None:
        place = "      <Position>\n       <LatitudeDegrees>%.7f</LatitudeDegrees>\n"
        columns.append(decimal_cells(place, track.latitude))
        place = "       <LongitudeDegrees>%.7f</LongitudeDegrees>\n      </Position>\n"
        columns.append(decimal_cells(place, track.longitude))
    if track.altitude_m is not None:
        columns.append(
            decimal_cells("      <AltitudeMeters>%.1f</AltitudeMeters>\n", track.altitude_m)
        )
    beat = "      <HeartRateBpm>\n       <Value>%d</Value>\n      </HeartRateBpm>\n"
    columns.append(decimal_cells("      <DistanceMeters>%.2f</DistanceMeters>\n", track.distance_m))
    columns.append(whole_cells(beat, track.heartrate_bpm))
    if plan.kind.fit_sport == 2:
        columns.append(whole_cells("      <Cadence>%d</Cadence>\n", track.cadence_rpm))
    opening = "      <Extensions>\n       <ns3:TPX>\n        <ns3:Speed>%.3f</ns3:Speed>\n"
    columns.append(decimal_cells(opening, track.speed_mps))
    if plan.kind.fit_sport != 2:
        columns.append(
            whole_cells("        <ns3:RunCadence>%d</ns3:RunCadence>\n", track.cadence_rpm)
        )
    if track.power_w is not None:
        columns.append(whole_cells("        <ns3:Watts>%d</ns3:Watts>\n", track.power_w))
    columns.append(["       </ns3:TPX>\n      </Extensions>\n     </Trackpoint>\n"] * track.count)
    return columns
