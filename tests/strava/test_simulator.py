from __future__ import annotations

from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
import requests

from tests.strava import Account, Activity, Clock, Simulator, running
from tests.strava.conftest import NOW, Ask


def starts(answer: requests.Response) -> list[str]:
    return [one["start_date"] for one in answer.json()]


def with_streams(account: Account) -> Activity:
    return next(one for one in account.newest_first() if one.streams)


def test_without_parameters_the_newest_thirty_come_first(ask: Ask, account: Account) -> None:
    assert ask.ids() == [one.id for one in account.newest_first()][:30]


def test_ids_are_not_in_the_order_of_starts(ask: Ask) -> None:
    found = ask.ids(per_page=200)
    assert found != sorted(found, reverse=True)


def test_after_alone_gives_the_oldest_first(ask: Ask) -> None:
    found = starts(ask("/athlete/activities", after=0))
    assert found == sorted(found)


def test_after_and_before_give_the_newest_first(ask: Ask) -> None:
    found = starts(ask("/athlete/activities", after=0, before=int(NOW.timestamp())))
    assert found == sorted(found, reverse=True)


def test_after_excludes_the_moment_itself(ask: Ask, account: Account) -> None:
    newest, second = account.newest_first()[:2]
    assert ask.ids(after=int(second.start.timestamp())) == [newest.id]


@pytest.mark.parametrize("moment", [NOW.timestamp() + 60, NOW.timestamp() * 1000])
def test_after_in_the_future_is_a_bad_request(ask: Ask, moment: float) -> None:
    answer = ask("/athlete/activities", after=int(moment))
    error = {"resource": "Application", "field": "after", "code": "future"}
    assert (answer.status_code, answer.json()) == (
        400,
        {"message": "Bad Request", "errors": [error]},
    )


def test_pages_hold_all_and_the_one_past_the_end_is_empty(ask: Ask, account: Account) -> None:
    pages = [ask.ids(page=page, per_page=15) for page in (1, 2, 3, 4)]
    assert [len(page) for page in pages] == [15, 15, 10, 0]


def test_a_page_holds_two_hundred_at_most(ask: Ask, account: Account) -> None:
    for one in Account.synthetic(
        210, seed=2, until=NOW, first_id=9_000_000_001
    ).activities.values():
        account.add(one)
    assert len(ask.ids(per_page=500)) == 200


def test_a_page_may_be_short_without_being_the_last(
    ask: Ask, strava: Simulator, account: Account
) -> None:
    strava.api.short_pages = {1: 9}
    found = [ask.ids(page=page, per_page=10) for page in range(1, 7)]
    assert [len(page) for page in found] == [9, 10, 10, 10, 1, 0]


def test_activities_that_only_the_athlete_sees_need_read_all(ask: Ask, account: Account) -> None:
    hidden = account.newest_first()[0].id
    account.set_visibility(hidden, "only_me")
    ask.may(["read", "activity:read"])
    assert hidden not in ask.ids()


def test_a_hidden_activity_is_not_found_without_read_all(ask: Ask, account: Account) -> None:
    hidden = account.newest_first()[0].id
    account.set_visibility(hidden, "only_me")
    ask.may(["read", "activity:read"])
    assert ask(f"/activities/{hidden}").status_code == 404


def test_a_token_that_only_reads_the_profile_misses_a_scope(ask: Ask) -> None:
    ask.may(["read"])
    answer = ask("/athlete/activities")
    error = {"resource": "AccessToken", "field": "activity:read_permission", "code": "missing"}
    assert (answer.status_code, answer.json()["errors"]) == (401, [error])


def test_a_detail_says_what_its_summary_says(ask: Ask) -> None:
    summary = ask("/athlete/activities").json()[0]
    detail = ask(f"/activities/{summary['id']}", include_all_efforts="True").json()
    differing = {key for key in summary if summary[key] != detail[key]}
    assert differing == {"resource_state", "map"}


def test_an_unknown_activity_is_not_found(ask: Ask) -> None:
    assert ask("/activities/1").json()["message"] == "Record Not Found"


def test_a_private_note_needs_read_all(ask: Ask, account: Account) -> None:
    public = next(one.id for one in account.newest_first() if one.base["visibility"] == "everyone")
    ask.may(["activity:read"])
    assert "private_note" not in ask(f"/activities/{public}").json()


@pytest.mark.parametrize("yes", ["True", "true", "1"])
def test_streams_by_type_are_a_mapping(ask: Ask, account: Account, yes: str) -> None:
    activity = with_streams(account)
    streams = ask(
        f"/activities/{activity.id}/streams", keys="time,nonsense", key_by_type=yes
    ).json()
    assert {key: stream["data"] for key, stream in streams.items()} == {
        "time": activity.streams["time"]
    }


def test_streams_are_a_list_otherwise(ask: Ask, account: Account) -> None:
    streams = ask(f"/activities/{with_streams(account).id}/streams", keys="time").json()
    assert [stream["type"] for stream in streams] == ["time"]


def test_streams_without_keys_are_the_distance_alone(ask: Ask) -> None:
    ride = ask.strava.account.new(NOW - timedelta(hours=3), sport="Ride")
    assert list(ask(f"/activities/{ride.id}/streams", key_by_type="true").json()) == ["distance"]


def test_all_streams_of_an_activity_are_of_one_length(account: Account) -> None:
    assert {
        len({len(data) for data in one.streams.values()}) for one in account.newest_first()
    } == {0, 1}


def test_a_manual_activity_has_no_streams(ask: Ask) -> None:
    manual = ask.strava.account.add(
        Activity({**ask.strava.account.newest_first()[0].base, "id": 7, "manual": True})
    )
    answer = ask(f"/activities/{manual.id}/streams", keys="time")
    assert (answer.status_code, answer.json()) == (
        404,
        {"message": "Resource Not Found", "errors": []},
    )


def test_the_profile_is_whole_only_with_its_scope(ask: Ask) -> None:
    whole = ask("/athlete").json()
    ask.may(["read"])
    assert (len(whole["bikes"]), "bikes" in ask("/athlete").json()) == (2, False)


@pytest.mark.parametrize("part", ["laps", "zones", "comments", "kudos", "photos"])
def test_every_part_of_an_activity_is_a_list(ask: Ask, account: Account, part: str) -> None:
    assert isinstance(ask(f"/activities/{with_streams(account).id}/{part}").json(), list)


def test_gear_is_found_by_its_id(ask: Ask, account: Account) -> None:
    account.edit_gear("b7100001", nickname="Blue")
    assert ask("/gear/b7100001").json()["nickname"] == "Blue"


def test_other_gear_shows_in_the_detail(ask: Ask, account: Account) -> None:
    ride = account.new(NOW - timedelta(hours=3), sport="Ride")
    account.set_gear(ride.id, "b7100002")
    assert ask(f"/activities/{ride.id}").json()["gear"]["name"] == account.gear["b7100002"]["name"]


def test_the_host_of_2027_has_no_prefix(ask: Ask, strava: Simulator) -> None:
    assert (
        ask.session.get(f"{strava.bare_api_url}/athlete", timeout=5).json()
        == ask("/athlete").json()
    )


def test_the_date_is_that_of_the_clock(ask: Ask, clock: Clock) -> None:
    clock.advance(86_400)
    assert parsedate_to_datetime(ask("/athlete").headers["Date"]) == NOW + timedelta(days=1)


def test_a_token_in_the_address_is_refused(strava: Simulator) -> None:
    token = strava.grant()["access_token"]
    assert (
        requests.get(
            f"{strava.api_url}/athlete", params={"access_token": token}, timeout=5
        ).status_code
        == 401
    )


def test_a_late_upload_has_the_highest_id_and_an_early_start(ask: Ask, account: Account) -> None:
    late = account.late_upload(name="From the old watch")
    assert (max(account.activities), ask.ids(per_page=200)[0] != late.id) == (late.id, True)


def test_what_is_recorded_while_a_client_pages_appears_twice(
    ask: Ask, strava: Simulator, account: Account
) -> None:
    def record(request: Any) -> None:
        if request.number == 2:
            account.new(NOW - timedelta(minutes=90))

    strava.before_answer(record)
    first, second = ask.ids(page=1, per_page=10), ask.ids(page=2, per_page=10)
    assert first[-1] == second[0]


def test_a_hidden_start_is_a_second_after_midnight(ask: Ask, account: Account) -> None:
    newest = account.newest_first()[0]
    account.hide_start(newest.id)
    assert ask(f"/activities/{newest.id}").json()["start_date_local"].endswith("T00:00:01Z")


def test_a_hook_that_fails_fails_the_test(account: Account) -> None:
    def fail(request: Any) -> None:
        raise AssertionError("of the hook")

    def asked() -> None:
        with running(account) as strava:
            strava.before_answer(fail)
            requests.get(f"{strava.api_url}/athlete", timeout=5)

    with pytest.raises(AssertionError, match="of the hook"):
        asked()


def test_requests_are_written_down(ask: Ask, strava: Simulator) -> None:
    ask("/athlete")
    ask("/activities/1/streams", keys="time")
    assert [(one.path, one.status, one.number) for one in strava.api_requests()] == [
        ("/athlete", 200, 1),
        ("/activities/1/streams", 404, 2),
    ]


def test_a_human_controls_it_over_http(ask: Ask, strava: Simulator, account: Account) -> None:
    newest = account.newest_first()[0].id
    command: dict[str, Any] = {"id": newest, "name": "By hand"}
    ask.session.post(f"{strava.bare_api_url}/_sim/rename", params=command, timeout=5)
    assert ask(f"/activities/{newest}").json()["name"] == "By hand"
