"""Answers that are too large, too deep or full of impossible numbers are refused in a sentence that
names the request.
"""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import requests

from db.models import QueueItem
from ingest.errors import RequestFailed, StravaUnavailable
from ingest.extract.api import oauth
from ingest.extract.api.answers import MAX_DEPTH, ORDINARY, STREAMS, UnfitAnswer, read_json
from tests.api.connected import Connected
from tests.ingest.extract.api.connected import Notes, client_for, config_for, file_for, tokens_for
from tests.strava import Account, Clock, Fault, Simulator, running
from tests.strava.messages import Answer

ROOT = Path(__file__).parents[2]
UNFIT = {
    "large": (b'"' + b"a" * ORDINARY.size + b'"', "more than 16 MB"),
    "many lists": (b"[" + b"[]," * 200_000 + b"[]]", "200,002 lists"),
    "many objects": (b"[" + b'{"a":1},' * 200_000 + b"{}]", "200,001 objects"),
    "deep": (b"[" * 100 + b"]" * 100, "more than 32 deep"),
    "very deep": (b"[" * 99_000 + b"]" * 99_000, "more than 32 deep"),
    "above every double": (b'{"id": 1e400}', "the number 1e400"),
    "below every double": (b'{"id": -1e400}', "the number -1e400"),
    "no number": (b'{"id": NaN}', "NaN in place of a number"),
    "infinite": (b'{"id": [-Infinity]}', "-Infinity in place of a number"),
    "long": (b'{"id": 1' + b"0" * 10_000 + b"}", "10,001 digits"),
    "long and real": (b'{"id": 1' + b"0" * 400 + b".0}", "too large"),
}


@pytest.fixture
def strava() -> Iterator[Simulator]:
    with running(Account(77, "Ann", "Example")) as simulator:
        yield simulator


def answering(body: bytes) -> Fault:
    return Fault("edit", edit=lambda _: body)


@pytest.mark.parametrize("name", UNFIT)
def test_an_unfit_answer_of_the_api_is_refused_and_not_asked_for_again(
    strava: Simulator, tmp_path: Path, name: str
) -> None:
    body, says = UNFIT[name]
    meter = Notes()
    strava.faults.add(answering(body))
    with pytest.raises(RequestFailed) as caught:
        client_for(strava, file_for(strava, tmp_path), meter).get("/athlete")
    assert str(caught.value).startswith("/athlete: the answer ")
    assert says in str(caught.value)
    assert meter.statuses == [200]


@pytest.mark.parametrize("name", UNFIT)
def test_an_unfit_answer_to_a_renewal_is_refused(strava: Simulator, name: str) -> None:
    body, says = UNFIT[name]
    tokens = tokens_for(strava)
    strava.faults.add(Fault("edit", path="oauth", edit=lambda _: body))
    with pytest.raises(StravaUnavailable, match=says):
        oauth.refresh_tokens(config_for(strava), tokens)


@pytest.mark.parametrize("name", UNFIT)
def test_a_refusal_with_an_unfit_body_is_still_a_refusal(
    strava: Simulator, tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if name == "large":
        pytest.skip("its status is not looked at: the body does not end")
    body, _ = UNFIT[name]
    monkeypatch.setattr(strava.api, "answer", lambda request: Answer(status=400, body=body))
    with pytest.raises(RequestFailed, match=r"^/athlete: Strava answers 400"):
        client_for(strava, file_for(strava, tmp_path)).get("/athlete")


def test_a_text_may_look_like_an_impossible_number(strava: Simulator, tmp_path: Path) -> None:
    odd = {"a": "1e400", "b": "9" * 500, "c": 2**80, "d": 1e300, "e": "NaN"}
    strava.faults.add(Fault("edit", edit=lambda _: odd))
    assert client_for(strava, file_for(strava, tmp_path)).get("/athlete") == odd


def test_the_streams_of_the_longest_activity_fit() -> None:
    point = b"1999999,[-33.123456,-118.123456],1234567.8,-123.4,false,12.345,123,123,1234,-12,"
    assert len(point) <= STREAMS.size // 2_000_000
    assert point.count(b",") <= STREAMS.items // 2_000_000
    assert read_json(b"[" + b",".join([b"[1.5,2.5]"] * 2_000_000) + b"]", STREAMS)[-1] == [1.5, 2.5]


def test_lists_may_nest_as_deep_as_the_bound() -> None:
    assert read_json(b"[" * MAX_DEPTH + b"1" + b"]" * MAX_DEPTH, ORDINARY)
    with pytest.raises(UnfitAnswer):
        read_json(b"[" * (MAX_DEPTH + 1) + b"1" + b"]" * (MAX_DEPTH + 1), ORDINARY)


@pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")
def test_no_answer_takes_more_than_a_gigabyte_and_a_half() -> None:
    """The worst that streams may hold: a double for each item, none of them equal to another."""
    # Not by getrusage, whose peak of a child begins with the memory of its parent.
    script = (
        "from ingest.extract.api.answers import STREAMS, read_json\n"
        "body = b'[' + b','.join(b'%d.5' % (i % 1000) for i in range(100_000)) + b']'\n"
        "count = STREAMS.items // 100_000 - 1\n"
        "body = b'[' + b','.join([body] * count) + b']'\n"
        "value = read_json(body, STREAMS)\n"
        "status = dict(line.split(':', 1) for line in open('/proc/self/status'))\n"
        "print(int(status['VmHWM'].split()[0]) // 1024)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert int(done.stdout) < 1_500


@pytest.mark.parametrize("encoding", ["gzip, gzip", "gzip"])
def test_an_answer_that_unpacks_to_gigabytes_is_cut_off(
    strava: Simulator, tmp_path: Path, encoding: str
) -> None:
    packed = gzip.compress(b" " * 50_000_000)
    body = gzip.compress(packed) if "," in encoding else packed
    strava.api.answer = lambda request: Answer(body=body, headers={"Content-Encoding": encoding})  # type: ignore[method-assign]
    with pytest.raises(RequestFailed, match=r"compressed more than once|more than 16 MB"):
        client_for(strava, file_for(strava, tmp_path)).get("/athlete")


@pytest.mark.parametrize("name", ["many lists", "deep", "above every double", "no number", "long"])
def test_a_run_goes_on_without_the_activity_whose_answer_is_unfit(
    connect: Callable[..., Connected], name: str
) -> None:
    now = datetime(2026, 11, 1, 9, 3, tzinfo=UTC)
    playground = connect(
        Account.synthetic(3, seed=5, until=now - timedelta(days=1)), clock=Clock(now)
    )
    unfit = playground.strava.account.newest_first()[0].id
    playground.strava.faults.add(
        Fault("edit", path=f"/activities/{unfit}$", edit=lambda _: UNFIT[name][0])
    )
    report = playground.run()
    assert report.api_problem is None
    assert playground.queue() == [(unfit, "detail")]
    assert UNFIT[name][1] in playground.rows(QueueItem.error)[0][0]


def test_json_that_is_none_is_told_from_json_that_is_unfit() -> None:
    with pytest.raises(requests.JSONDecodeError):
        read_json(json.dumps({"a": 1}).encode()[:-1], ORDINARY)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32", "utf-16-le"])
def test_an_answer_in_another_encoding_is_no_json(encoding: str) -> None:
    with pytest.raises(requests.JSONDecodeError):
        read_json('{"a": 1e400}'.encode(encoding), ORDINARY)
