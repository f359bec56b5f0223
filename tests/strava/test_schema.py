"""Bodies of the simulator against Strava's published shapes,
where those lie beside the repository.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import pytest

from tests.strava import Account
from tests.strava.conftest import Ask

jsonschema = pytest.importorskip("jsonschema")

_REFERENCE: Final = Path(__file__).parents[3] / "shared" / "reference"
#: Where Strava departs from what it publishes: no position is ``[]``, and bucket times and zones of
#: pace are floats.
_NO_PLACE: Final = ("start_latlng", "end_latlng")


def read(name: str) -> Any:
    path = _REFERENCE / name
    if not path.is_file():
        pytest.skip(f"no {name} beside the repository")
    return json.loads(path.read_text(encoding="utf-8"))


@pytest.fixture
def check() -> Any:
    definitions = read("strava-models.schema.json")["$defs"]

    def fits(name: str, body: Any) -> None:
        jsonschema.Draft202012Validator({"$ref": f"#/$defs/{name}", "$defs": definitions}).validate(
            body
        )

    return fits


def published(body: dict[str, Any]) -> dict[str, Any]:
    return {key: None if key in _NO_PLACE and value == [] else value for key, value in body.items()}


def test_summaries_are_as_published(ask: Ask, check: Any) -> None:
    for body in ask("/athlete/activities", per_page=200).json():
        check("SummaryActivity", published(body))


def test_details_are_as_published(ask: Ask, account: Account, check: Any) -> None:
    for one in account.newest_first():
        check("DetailedActivity", published(ask(f"/activities/{one.id}").json()))


def test_streams_are_as_published(ask: Ask, account: Account, check: Any) -> None:
    keys = (
        "time,distance,latlng,altitude,velocity_smooth,heartrate,cadence,watts,temp,moving,"
        "grade_smooth"
    )
    for one in account.newest_first()[:10]:
        if one.streams:
            check(
                "StreamSet",
                ask(f"/activities/{one.id}/streams", keys=keys, key_by_type="true").json(),
            )


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/athlete", "DetailedAthlete"),
        ("/gear/b7100001", "DetailedGear"),
        ("/athlete/zones", "Zones"),
    ],
)
def test_the_athletes_own_bodies_are_as_published(
    ask: Ask, check: Any, path: str, name: str
) -> None:
    check(name, ask(path).json())


def test_totals_are_as_published(ask: Ask, account: Account, check: Any) -> None:
    check("ActivityStats", ask(f"/athletes/{account.athlete_id}/stats").json())


def test_errors_are_as_published(ask: Ask, check: Any) -> None:
    check("Fault", ask("/activities/1").json())


@pytest.mark.parametrize(
    ("path", "published_path"),
    [
        ("/athlete", "/athlete"),
        ("/activities/{id}", "/activities/{id}"),
        ("/activities/{id}/laps", "/activities/{id}/laps"),
        ("/activities/{id}/streams?keys=distance", "/activities/{id}/streams"),
        ("/gear/b7100001", "/gear/{id}"),
    ],
)
def test_no_key_of_the_published_example_is_missing(
    ask: Ask, account: Account, path: str, published_path: str
) -> None:
    example = read("swagger.json")["paths"][published_path]["get"]["responses"]["200"]["examples"][
        "application/json"
    ]
    ride = account.new(account.newest_first()[0].start, sport="Ride")
    body = ask(path.replace("{id}", str(ride.id))).json()
    expected, found = (one[0] if isinstance(one, list) else one for one in (example, body))
    # Of its own time: the example still has these, recorded bodies do not.
    assert set(expected) - set(found) <= {
        "segment_leaderboard_opt_out",
        "leaderboard_opt_out",
        "partner_brand_tag",
        "highlighted_kudosers",
    }
