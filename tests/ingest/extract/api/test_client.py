"""Asking the API over real HTTP: what is repeated, what is counted, when tokens are renewed, and
which sentence follows what.
"""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import textwrap
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from ingest import clock
from ingest.errors import NotAuthorized, NotFound, RateLimited, RequestFailed, StravaUnavailable
from ingest.extract.api import oauth
from ingest.extract.api.client import StravaClient
from ingest.extract.api.tokens import TokenFile
from tests.ingest.extract.api.connected import (
    Forbidden,
    Notes,
    client_for,
    config_for,
    expire,
    file_for,
)
from tests.strava import Account, Consent, Fault, Limits, Simulator, running

ROOT = Path(__file__).parents[4]


@pytest.fixture
def strava() -> Iterator[Simulator]:
    with running(Account(77, "Ann", "Example")) as simulator:
        yield simulator


@pytest.fixture
def file(strava: Simulator, tmp_path: Path) -> TokenFile:
    return file_for(strava, tmp_path)


def test_the_answer_is_strava_s_json_and_the_meter_hears_of_it(
    strava: Simulator, file: TokenFile
) -> None:
    meter = Notes()
    client = client_for(strava, file, meter)
    assert client.get("/athlete")["id"] == 77
    assert client.get("/athlete/activities", per_page=200, page=1) == []
    assert (meter.asked, meter.statuses) == (2, [200, 200])
    assert meter.headers[1]["x-readratelimit-usage"] == "2,2"
    assert strava.api_requests()[1].query == {"per_page": "200", "page": "1"}


def test_the_token_is_sent_in_the_header_and_nowhere_else(
    strava: Simulator, file: TokenFile
) -> None:
    client = client_for(strava, file)
    client.get("/athlete", page=1)
    request = strava.api_requests()[0]
    assert request.headers["Authorization"] == f"Bearer {client.tokens.access_token}"
    assert request.target == "/api/v3/athlete?page=1"


@pytest.mark.parametrize("base", ["api_url", "bare_api_url"])
def test_the_base_may_have_a_prefix_or_none(strava: Simulator, file: TokenFile, base: str) -> None:
    assert client_for(strava, file, api_url=getattr(strava, base)).get("/athlete")["id"] == 77


# Failures on the way.


@pytest.mark.parametrize(
    ("kind", "says"),
    [
        ("500", "Strava answers 500 error"),
        ("502", "Strava answers 502 Bad Gateway"),
        ("503", "Strava answers 503"),
        ("504", "Strava answers 504"),
        ("html", "the answer is no JSON"),
        ("cut_json", "the answer is no JSON"),
        ("reset", "the connection failed or broke off"),
        ("close", "the connection failed or broke off"),
        ("truncated", "the connection failed or broke off"),
        ("stall", "no complete answer in time (STRAVA_API_TIMEOUT is 0.3 s)"),
        ("stall_body", "no complete answer in time (STRAVA_API_TIMEOUT is 0.3 s)"),
        ("drip", "no complete answer in time (STRAVA_API_TIMEOUT is 0.3 s)"),
    ],
)
def test_what_may_pass_is_tried_three_times_each_counted(
    strava: Simulator, file: TokenFile, kind: str, says: str
) -> None:
    meter = Notes()
    strava.faults.add(Fault(kind, seconds=0.2 if kind == "drip" else 60))
    with pytest.raises(RequestFailed) as caught:
        client_for(strava, file, meter, timeout_s=0.3).get("/athlete")
    assert str(caught.value) == f"/athlete: tried 3 times; {caught.value.reason.partition('; ')[2]}"
    assert says in caught.value.reason
    assert (meter.asked, len(meter.statuses), len(strava.api_requests())) == (3, 3, 3)


def test_an_answer_that_broke_off_counts_with_its_headers(
    strava: Simulator, file: TokenFile
) -> None:
    meter = Notes()
    strava.faults.add(Fault("truncated", times=1))
    client_for(strava, file, meter).get("/athlete")
    assert meter.statuses == [200, 200]
    assert meter.headers[0]["X-ReadRateLimit-Usage"] == "1,1"


def test_a_request_without_an_answer_counts_as_well(strava: Simulator, file: TokenFile) -> None:
    meter = Notes()
    strava.faults.add(Fault("reset", times=1))
    client_for(strava, file, meter).get("/athlete")
    assert meter.statuses == [None, 200]
    assert meter.headers[0] == {}


def test_one_failure_is_made_good_after_a_pause(strava: Simulator, file: TokenFile) -> None:
    pauses: list[float] = []
    strava.faults.add(Fault("503", times=2))
    client = StravaClient(config_for(strava), file, Notes(), sleep=pauses.append)
    assert client.get("/athlete")["id"] == 77
    assert 0.3 < pauses[0] < 0.7 < 1.1 < pauses[1] < 1.9


def test_an_answer_that_never_ends_is_given_up_after_twice_the_timeout(
    strava: Simulator, file: TokenFile
) -> None:
    strava.faults.add(
        Fault("drip", seconds=0.5, times=1)
    )  # 20 pieces: ten seconds, each piece in time
    meter, began = Notes(), time.monotonic()
    assert client_for(strava, file, meter, timeout_s=1.0).get("/athlete")["id"] == 77
    assert meter.statuses == [200, 200]
    assert time.monotonic() - began < 8


def test_the_meter_may_forbid_the_next_attempt(strava: Simulator, file: TokenFile) -> None:
    strava.faults.add(Fault("503"))
    with pytest.raises(Forbidden):
        client_for(strava, file, Notes(forbid_from=2)).get("/athlete")
    assert len(strava.api_requests()) == 1


def test_an_answer_with_an_error_in_it_is_no_answer(strava: Simulator, file: TokenFile) -> None:
    strava.faults.add(Fault("edit", edit=lambda body: {"message": "oops", "errors": []}))
    with pytest.raises(RequestFailed, match="an error, although its status says success"):
        client_for(strava, file).get("/athlete")


def test_a_server_that_is_not_there_is_told_in_a_few_words(
    strava: Simulator, file: TokenFile
) -> None:
    with pytest.raises(RequestFailed) as caught:
        client_for(strava, file, api_url="http://127.0.0.1:1").get("/athlete", after=5)
    assert str(caught.value) == "/athlete: tried 3 times; the connection failed or broke off"


# Refusals: asked once.


@pytest.mark.parametrize(
    ("fault", "error", "says"),
    [
        ("404", NotFound, r"^/athlete: Strava does not have it"),
        ("404_empty", NotFound, r"^/athlete: Strava does not have it"),
        ("429", RateLimited, "429 Rate Limit Exceeded"),
        ("429_without_headers", RateLimited, "429"),
        ("429_old", RateLimited, "429 Too Many Requests"),
        ("inactive", NotAuthorized, "since July 2026 its owner needs a Strava subscription"),
        ("athlete_limit", NotAuthorized, "as many athletes as Strava allows"),
        (
            "missing_scope",
            NotAuthorized,
            "permission activity:read; connect again, and leave the boxes ticked",
        ),
    ],
)
def test_a_refusal_is_final_and_has_its_own_sentence(
    strava: Simulator, file: TokenFile, fault: str, error: type[Exception], says: str
) -> None:
    meter = Notes()
    strava.faults.add(Fault(fault))
    with pytest.raises(error, match=says):
        client_for(strava, file, meter).get("/athlete")
    assert (meter.asked, len(meter.statuses)) == (1, 1)
    assert strava.oauth_requests() == []


def test_a_wrong_question_is_quoted_with_its_path(strava: Simulator, file: TokenFile) -> None:
    with pytest.raises(RequestFailed) as caught:
        client_for(strava, file).get("/athlete/activities", after=99_999_999_999_999)
    assert (
        str(caught.value)
        == "/athlete/activities: Strava answers 400 Bad Request (Application after future)"
    )


def test_a_limit_that_is_really_exceeded_is_told_after_the_meter_has_heard(tmp_path: Path) -> None:
    with running(Account(77, "Ann", "Example"), limits=Limits(read=(1, 10))) as strava:
        meter = Notes()
        client = client_for(strava, file_for(strava, tmp_path), meter)
        client.get("/athlete")
        with pytest.raises(RateLimited):
            client.get("/athlete")
    assert meter.statuses == [200, 429]
    assert meter.headers[1]["X-ReadRateLimit-Usage"] == "2,2"


def test_a_path_never_leads_to_another_host(strava: Simulator, file: TokenFile) -> None:
    with pytest.raises(RequestFailed):
        client_for(strava, file).get(f"{strava.api_url}/athlete")
    assert strava.api_requests() == []


def test_a_redirect_is_not_followed(strava: Simulator, file: TokenFile) -> None:
    # The authorize page redirects: here it plays an API that has moved.
    strava.consent = Consent()
    back = f"{strava.api_url}/athlete"
    url = oauth.authorize_url(
        config_for(strava), client_id=strava.app.client_id, redirect_uri=back, state=""
    )
    with pytest.raises(RequestFailed, match="redirects to elsewhere; check STRAVA_API_URL"):
        client_for(strava, file, api_url=strava.bare_api_url).get(
            url.removeprefix(strava.bare_api_url)
        )
    assert strava.api_requests() == []


# Tokens.


def test_without_a_token_file_there_is_no_client(strava: Simulator, tmp_path: Path) -> None:
    with pytest.raises(
        NotAuthorized, match="not connected to Strava; to connect: python -m ingest connect"
    ):
        client_for(strava, TokenFile(tmp_path / "none"))


def test_a_token_that_ends_soon_is_renewed_and_kept_before_it_is_used(
    strava: Simulator, file: TokenFile
) -> None:
    client = client_for(strava, file)
    old = client.tokens
    expire(strava, file)
    client = client_for(strava, file)
    seen: list[str] = []
    strava.before_answer(
        lambda request: seen.append(json.loads(file.path.read_text("utf-8"))["access_token"])
    )
    client.get("/athlete")
    assert seen == [client.tokens.access_token]
    assert client.tokens == file.load()
    assert client.tokens.refresh_token != old.refresh_token
    assert client.tokens.expires_at - clock.now() > timedelta(hours=5)


def test_a_token_with_six_minutes_left_is_used(strava: Simulator, tmp_path: Path) -> None:
    file = file_for(strava, tmp_path, expires_at=clock.now() + timedelta(minutes=6))
    client_for(strava, file).get("/athlete")
    assert strava.oauth_requests() == []


def test_a_token_that_dies_before_its_time_is_renewed_once_and_the_request_repeated(
    strava: Simulator, file: TokenFile
) -> None:
    meter = Notes()
    client = client_for(strava, file, meter)
    strava.expire_access_tokens()
    assert client.get("/athlete")["id"] == 77
    assert meter.statuses == [401, 200]
    assert len(strava.oauth_requests()) == 1


def test_a_second_401_is_the_end(strava: Simulator, file: TokenFile) -> None:
    meter = Notes()
    strava.faults.add(Fault("invalid_token"))
    with pytest.raises(NotAuthorized, match="no longer accepts the connection"):
        client_for(strava, file, meter).get("/athlete")
    assert meter.statuses == [401, 401]
    assert len(strava.oauth_requests()) == 1


def test_a_revoked_connection_says_so(strava: Simulator, file: TokenFile) -> None:
    client = client_for(strava, file)
    strava.revoke_access()
    with pytest.raises(NotAuthorized, match="the connection to Strava has ended"):
        client.get("/athlete")


def test_what_another_process_has_renewed_is_used(strava: Simulator, file: TokenFile) -> None:
    expire(strava, file)
    first, second = client_for(strava, file), client_for(strava, file)
    first.get("/athlete")
    second.get("/athlete")
    assert len(strava.oauth_requests()) == 1
    assert second.tokens == first.tokens


def test_two_threads_renew_once(strava: Simulator, file: TokenFile) -> None:
    expire(strava, file)
    start = threading.Barrier(4)

    def ask(client: StravaClient) -> int:
        start.wait()
        return int(client.get("/athlete")["id"])

    with ThreadPoolExecutor(4) as pool:
        assert (
            list(pool.map(ask, [client_for(strava, TokenFile(file.path)) for _ in range(4)]))
            == [77] * 4
        )
    assert len(strava.oauth_requests("token")) == 1


CHILD = """
    import sys, time
    from pathlib import Path
    from ingest.config import ApiConfig
    from ingest.extract.api.client import StravaClient
    from ingest.extract.api.tokens import TokenFile

    class Meter:
        def before(self): ...
        def after(self, status, headers): ...

    path, api_url, oauth_url = sys.argv[1:]
    config = ApiConfig(api_url=api_url, oauth_url=oauth_url, timeout_s=10.0)
    client = StravaClient(config, TokenFile(Path(path)), Meter())
    {extra}
    print("ready", flush=True)
    sys.stdin.readline()
    print(client.get("/athlete")["id"])
"""


def child(strava: Simulator, file: TokenFile, extra: str = "") -> subprocess.Popen[str]:
    """A process of its own that asks once when it gets a line."""
    return subprocess.Popen(
        [
            sys.executable,
            "-c",
            textwrap.dedent(CHILD).format(extra=extra),
            str(file.path),
            strava.api_url,
            strava.oauth_url,
        ],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def ready(process: subprocess.Popen[str]) -> None:
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"


def test_two_processes_renew_once(strava: Simulator, file: TokenFile) -> None:
    expire(strava, file)
    children = [child(strava, file), child(strava, file)]
    for process in children:
        ready(process)
    done = [process.communicate("go\n", timeout=30) for process in children]
    assert done == [("77\n", ""), ("77\n", "")]
    assert len(strava.oauth_requests("token")) == 1


def test_a_crash_after_the_answer_was_kept_loses_nothing(
    strava: Simulator, file: TokenFile
) -> None:
    expire(strava, file)
    # The first save is the trial before asking; it writes the tokens that have expired.
    dies = (
        "lambda self, new: (real(self, new), new.expires_at.timestamp() > time.time() and "
        "os._exit(9))"
    )
    process = child(strava, file, f"import os; real = TokenFile.save; TokenFile.save = {dies}")
    ready(process)
    process.communicate("go\n", timeout=30)
    assert process.returncode == 9
    assert client_for(strava, file).get("/athlete")["id"] == 77
    assert len(strava.oauth_requests("token")) == 1


def test_a_crash_between_answer_and_file_ends_the_connection_with_a_sentence(
    strava: Simulator, file: TokenFile
) -> None:
    expire(strava, file)
    crash = (
        "import os, ingest.extract.api.oauth as o; real = o.refresh_tokens; "
        "o.refresh_tokens = lambda *a: (real(*a), os._exit(9))"
    )
    process = child(strava, file, crash)
    ready(process)
    process.communicate("go\n", timeout=30)
    assert process.returncode == 9
    with pytest.raises(NotAuthorized, match="stopped while it renewed the connection"):
        client_for(strava, file).get("/athlete")


def test_a_renewal_rejected_since_somebody_without_our_lock_was_first_is_made_good(
    strava: Simulator, file: TokenFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    expire(strava, file)
    client, real = client_for(strava, file), oauth.refresh_tokens

    def too_late(*arguments: object) -> object:
        monkeypatch.setattr(oauth, "refresh_tokens", real)
        stored = file.load()
        assert stored is not None
        file.save(replace(real(config_for(strava), stored), expires_at=stored.expires_at))
        return real(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(oauth, "refresh_tokens", too_late)
    assert client.get("/athlete")["id"] == 77


def test_a_folder_that_cannot_be_written_shows_before_the_old_token_is_spent(
    strava: Simulator, file: TokenFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    expire(strava, file)
    client = client_for(strava, file)

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(NotAuthorized, match="No space left on device"):
            client.get("/athlete")
    assert strava.oauth_requests() == []
    assert client.get("/athlete")["id"] == 77


def test_a_renewal_is_tried_three_times(strava: Simulator, file: TokenFile) -> None:
    expire(strava, file)
    strava.faults.add(Fault("503", path="oauth", times=2))
    assert client_for(strava, file).get("/athlete")["id"] == 77
    expire(strava, file)
    strava.faults.add(Fault("503", path="oauth"))
    with pytest.raises(StravaUnavailable, match="503"):
        client_for(strava, file).get("/athlete")


def test_an_answer_of_the_renewal_that_is_lost_on_its_way_ends_the_connection(
    strava: Simulator, file: TokenFile
) -> None:
    expire(strava, file)
    strava.faults.add(Fault("truncated", path="oauth", times=1))
    with pytest.raises(NotAuthorized, match="has ended"):
        client_for(strava, file).get("/athlete")


def test_another_athlete_s_connection_is_not_taken_over_half_way(
    strava: Simulator, file: TokenFile
) -> None:
    client = client_for(strava, file)
    strava.expire_access_tokens()
    file.save(replace(client.tokens, athlete_id=78, access_token="other"))
    with pytest.raises(NotAuthorized, match="another athlete was connected during this run"):
        client.get("/athlete")


def test_disconnecting_meanwhile_ends_the_run_with_a_sentence(
    strava: Simulator, file: TokenFile
) -> None:
    client = client_for(strava, file)
    strava.revoke_access()
    file.remove()
    with pytest.raises(NotAuthorized, match="not connected to Strava"):
        client.get("/athlete")


# What must not happen on the side.


def test_no_secret_is_logged_or_raised_at_any_level(
    strava: Simulator, file: TokenFile, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    secrets: set[str] = set()

    def note() -> None:
        tokens = file.load()
        assert tokens is not None
        secrets.update((tokens.client_secret, tokens.access_token, tokens.refresh_token))

    def failing(fault: Callable[[], Fault], **options: float) -> str:
        strava.faults.add(fault())
        try:
            client_for(strava, file, None, **options).get("/athlete", after=1)
        except (RequestFailed, NotAuthorized, StravaUnavailable, RateLimited) as err:
            return str(err) + repr(err) + str(err.__cause__) + repr(err.__context__)
        finally:
            strava.faults.clear()
        return ""

    note()
    texts = [
        failing(partial(Fault, kind), timeout_s=0.3)
        for kind in ("500", "html", "reset", "stall", "429")
    ]
    texts.append(failing(lambda: Fault("invalid_token")))
    note()
    expire(strava, file)
    texts.append(failing(lambda: Fault("503", path="oauth")))
    strava.kill_refresh_tokens()
    texts.append(failing(lambda: Fault("500")))
    note()
    assert all(texts)
    assert any(record.name.startswith("urllib3") for record in caplog.records)
    assert any(record.name.startswith("stravalib") for record in caplog.records)
    said = caplog.text + "".join(texts)
    assert not [secret for secret in secrets if secret in said]


def test_stravalib_is_loaded_by_the_first_client_and_leaves_warnings_and_logging_alone(
    strava: Simulator, file: TokenFile
) -> None:
    look = "import logging, warnings; before = (list(warnings.filters), warnings.showwarning)"
    after = (
        "assert before == (warnings.filters, warnings.showwarning); assert "
        "logging.root.handlers == []"
    )
    # Whoever asks logging for warnings later gets them: it does not think that it has them already.
    after += (
        "; logging.captureWarnings(True); assert before[1] is not warnings.showwarning; "
        "logging.captureWarnings(False)"
    )
    code = textwrap.dedent(CHILD)
    code = code.replace(
        "class Meter", f"assert 'stravalib' not in sys.modules; {look}\nclass Meter"
    )
    code = code.replace("{extra}", f"assert 'stravalib' in sys.modules; {after}")
    environment = {key: value for key, value in os.environ.items() if not key.startswith("STRAVA")}
    done = subprocess.run(
        [
            sys.executable,
            "-W",
            "error",
            "-c",
            code,
            str(file.path),
            strava.api_url,
            strava.oauth_url,
        ],
        cwd=ROOT,
        env=environment | {"STRAVA_CLIENT_ID": "not a number"},
        input="go\n",
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.stderr) == ("ready\n77\n", "")


def test_stravalib_s_own_renewal_stays_off_whatever_the_environment_says(
    strava: Simulator,
    file: TokenFile,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setenv("STRAVA_CLIENT_ID", "1")
    monkeypatch.setenv("STRAVA_CLIENT_SECRET", "x")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        client_for(strava, file).get("/athlete")
    assert caplog.text == ""


def test_passwords_of_netrc_do_not_replace_the_token(
    strava: Simulator, file: TokenFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text(
        "machine 127.0.0.1 login a password b\nmachine www.strava.com login a password b\n",
        encoding="utf-8",
    )
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    assert client_for(strava, file).get("/athlete")["id"] == 77


def test_a_proxy_of_the_environment_is_chosen_by_the_real_address(
    strava: Simulator, file: TokenFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    assert client_for(strava, file).get("/athlete")["id"] == 77
    monkeypatch.setenv("NO_PROXY", "")
    monkeypatch.delenv("no_proxy", raising=False)
    with pytest.raises(RequestFailed, match="the proxy that the environment names"):
        client_for(strava, file).get("/athlete")
