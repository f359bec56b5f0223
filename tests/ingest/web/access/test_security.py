"""Each rule of the page's security, by a test that attacks it."""

from __future__ import annotations

import os
import signal
import stat
from http.cookies import SimpleCookie
from pathlib import Path

import pytest
import requests
from starlette.requests import Request
from starlette.responses import Response

from ingest.web.access.passwords import Password
from ingest.web.access.security import Door
from ingest.web.server import _doorway
from tests.ingest.web.conftest import Serve, Served


@pytest.fixture
def served(serve: Serve, imported: Path) -> Served:
    return serve(playground=imported)


@pytest.mark.parametrize("path", ["/", "/activities", "/activities.csv", "/static/style.css"])
def test_nobody_comes_in_without_the_cookie(served: Served, path: str) -> None:
    answer = requests.get(f"{served.base}{path}", timeout=20)
    assert answer.status_code == 403
    assert "Lunch Ride" not in answer.text


@pytest.mark.parametrize("token", ["", "x", "ä" * 43])
def test_another_token_is_refused(served: Served, token: str) -> None:
    answer = requests.get(f"{served.base}/", params={"token": token}, timeout=20)
    assert (answer.status_code, answer.cookies.get_dict()) == (403, {})


def test_the_token_is_exchanged_once(served: Served) -> None:
    first = requests.get(served.address, timeout=20)
    cookie = first.headers["set-cookie"]
    assert first.status_code == 200
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert requests.get(served.address, timeout=20).status_code == 403


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "127.0.0.1.evil.example:80",
        "",
        "evil:8724",
        "127.0.0.1:1/healthz?",
        "localhost:1/healthz#",
        "localhost:",
        "192.0.2.2:8724",
        "127.0.0.2",
    ],
)
def test_a_foreign_host_is_refused(served: Served, host: str) -> None:
    session = served.session()
    answer = session.get(f"{served.base}/activities", headers={"Host": host}, timeout=20)
    assert answer.status_code == 400
    assert "Lunch Ride" not in answer.text


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://["},
    ],
)
def test_a_form_of_another_page_changes_nothing(served: Served, headers: dict[str, str]) -> None:
    answer = served.session().post(f"{served.base}/activities", headers=headers, timeout=20)
    assert (answer.status_code, answer.text) == (403, "the request comes from another page\n")


def test_health_says_nothing_but_ok_to_anybody(served: Served) -> None:
    answer = requests.get(f"{served.base}/healthz", timeout=20)
    assert (answer.status_code, answer.text) == (200, "ok\n")


@pytest.mark.parametrize("path", ["/healthz", "/", "/activities", "/no-such-page"])
def test_every_answer_has_the_headers(served: Served, path: str) -> None:
    headers = served.session().get(f"{served.base}{path}", timeout=20).headers
    policy = headers["content-security-policy"]
    assert policy.startswith("default-src 'self'")
    assert "unsafe" not in policy
    assert headers["cache-control"] == "no-store"
    assert headers["referrer-policy"] == "no-referrer"
    assert "server" not in headers


@pytest.mark.parametrize(
    "path",
    ["/static/../app.py", "/static/..%2fapp.py", "/static/%2e%2e/server.py", "/static//etc/passwd"],
)
def test_no_path_leads_out_of_the_static_files(served: Served, path: str) -> None:
    session = served.session()
    request = requests.Request("GET", served.base, cookies=session.cookies).prepare()
    request.url = f"{served.base}{path}"
    assert session.send(request, timeout=20).status_code == 404


def test_the_file_that_opens_the_browser_is_ours_alone_and_goes_away() -> None:
    with _doorway("http://127.0.0.1:1/?token=secret") as file:
        assert "token=secret" in file.read_text(encoding="utf-8")
        if os.name != "nt":
            assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert not file.exists()


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
def test_the_file_that_opens_the_browser_does_not_outlive_the_page(
    serve: Serve, tmp_path: Path, sign: signal.Signals
) -> None:
    served = serve(TMPDIR=str(tmp_path))
    assert list(tmp_path.glob("strava-ingest-*.html"))
    served.process.send_signal(sign)
    served.process.wait(timeout=20)
    assert list(tmp_path.glob("strava-ingest-*")) == []


def test_no_secret_is_in_a_repr() -> None:
    door = Door(base="http://127.0.0.1:1", password=Password("a long password"))
    answer = door.let_in(Request({"type": "http", "path": "/", "headers": []}), Response())
    cookie = SimpleCookie(answer.headers["set-cookie"])[door.cookie_name].value
    for secret in (door.token, cookie, "a long password"):
        assert secret not in repr(door)


def test_the_server_ends_cleanly_on_sigterm(served: Served) -> None:
    served.process.terminate()
    assert served.process.wait(timeout=20) == 0
