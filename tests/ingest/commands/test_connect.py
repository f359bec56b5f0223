"""``connect`` and ``disconnect`` as a person meets them: in a terminal, with a browser that is
played by ``requests``.
"""

from __future__ import annotations

import os
import re
import select
import socket
import stat
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from ingest.commands import connect as connect_module
from ingest.commands.connect import connect
from ingest.commands.oauth_redirect import pasted
from ingest.config import ApiConfig, Config
from ingest.errors import NotAuthorized, UsageError
from ingest.extract.api.tokens import TokenFile, Tokens
from tests.ingest.extract.api.connected import config_for, file_for
from tests.strava import Account, Consent, Fault, Simulator, running

ROOT = Path(__file__).parents[3]
POSIX = pytest.mark.skipif(os.name == "nt", reason="terminals of POSIX")


@pytest.fixture
def strava() -> Iterator[Simulator]:
    with running(Account(77, "Ann", "<Example>")) as simulator:
        simulator.consent = Consent()
        yield simulator


def environment_of(strava: Simulator | None, **more: str) -> dict[str, str]:
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("STRAVA", "DATABASE", "BROWSER"))
    }
    return {**kept, "PYTHONPATH": str(ROOT), **(strava.environment if strava else {}), **more}


def start(strava: Simulator, folder: Path, *arguments: str, **more: str) -> subprocess.Popen[str]:
    """``python -m ingest connect`` whose output goes to pipes."""
    return subprocess.Popen(
        [sys.executable, "-m", "ingest", "connect", *arguments],
        cwd=folder,
        env=environment_of(strava, **more),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )


def printed_url(process: subprocess.Popen[str]) -> str:
    """The line that is an address, as soon as it is there."""
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("http"):
            return line.rstrip("\n")
    raise AssertionError("no address was printed")


@contextmanager
def waiting(
    strava: Simulator, folder: Path, *arguments: str
) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A process that waits for a browser, and the address it has printed."""
    process = start(strava, folder, "--no-browser", "--port", "0", *arguments)
    try:
        yield process, printed_url(process)
    finally:
        process.kill()
        process.communicate()


def ended(process: subprocess.Popen[str], line: str | None = None) -> tuple[int, str, str]:
    out, err = process.communicate(line, timeout=30)
    return process.returncode, out, err


def stored(folder: Path) -> Tokens | None:
    return TokenFile(folder / "Playground" / ".strava-token.json").load()


def came_back(url: str) -> str:
    """The address that Strava sends the browser to."""
    return requests.get(url, allow_redirects=False, timeout=10).headers["Location"]


# The local page.


def test_a_browser_that_comes_back_connects_and_is_told_so(
    strava: Simulator, tmp_path: Path
) -> None:
    with waiting(strava, tmp_path) as (process, url):
        page = requests.get(url, timeout=10)
        code, out, err = ended(process)
    assert (code, err) == (0, "")
    assert (
        out == "Connected as Ann <Example> (athlete 77).\nGranted: activity:read_all, "
        "profile:read_all, read\n"
    )
    assert page.status_code == 200
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "<h1>Connected</h1><p>Ann &lt;Example&gt;, your account is connected." in page.text
    tokens = stored(tmp_path)
    assert tokens is not None
    assert tokens.athlete_id == 77
    assert strava.tokens.scopes(tokens.access_token) is not None


@POSIX
def test_the_token_file_is_for_its_owner_only(strava: Simulator, tmp_path: Path) -> None:
    with waiting(strava, tmp_path) as (process, url):
        requests.get(url, timeout=10)
        ended(process)
    assert stat.S_IMODE((tmp_path / "Playground" / ".strava-token.json").stat().st_mode) == 0o600


def test_the_address_is_printed_whole_however_narrow_the_terminal_is(
    strava: Simulator, tmp_path: Path
) -> None:
    process = start(strava, tmp_path, "--no-browser", "--port", "0", COLUMNS="30")
    try:
        asked = parse_qs(urlsplit(printed_url(process)).query)
    finally:
        process.kill()
        process.communicate()
    assert asked["scope"] == ["read,profile:read_all,activity:read_all"]
    assert len(asked["state"][0]) >= 24


def test_other_requests_neither_connect_nor_end_the_waiting(
    strava: Simulator, tmp_path: Path
) -> None:
    with waiting(strava, tmp_path) as (process, url):
        address = came_back(url)
        base = address.partition("?")[0]
        idle = socket.create_connection(
            (urlsplit(base).hostname or "", urlsplit(base).port or 0)
        )  # as browsers do
        statuses = [
            requests.get(other, timeout=10).status_code
            for other in (
                urlsplit(base)._replace(path="/favicon.ico").geturl(),
                base,
                f"{base}?code=stolen",
                re.sub("state=[^&]*", "state=x%C3%A9", address),
            )
        ]
        assert process.poll() is None
        assert "Connected" in requests.get(address, timeout=10).text
        assert ended(process)[0] == 0
        idle.close()
    assert statuses == [404, 400, 400, 400]
    assert len(strava.oauth_requests("token")) == 1


def test_a_page_of_another_attempt_says_so(strava: Simulator, tmp_path: Path) -> None:
    with waiting(strava, tmp_path) as (_, url):
        base = came_back(url).partition("?")[0]
        assert (
            "belongs to another attempt" in requests.get(f"{base}?state=x&code=y", timeout=10).text
        )


def test_an_address_without_a_code_is_a_failure_in_browser_and_terminal(
    strava: Simulator, tmp_path: Path
) -> None:
    with waiting(strava, tmp_path) as (process, url):
        page = requests.get(re.sub("&code=[^&]*", "", came_back(url)), timeout=10)
        code, _, err = ended(process)
    assert code == 1
    assert "without a code" in err
    assert "without a code" in page.text


def test_denied_consent_is_told_in_browser_and_terminal(strava: Simulator, tmp_path: Path) -> None:
    strava.consent = Consent(deny=True)
    with waiting(strava, tmp_path) as (process, url):
        page = requests.get(url, timeout=10)
        code, _, err = ended(process)
    assert code == 1
    assert "access was denied on Strava's page, so nothing was saved; connect again" in err
    assert err.endswith(f"\n    {sys.executable} -m ingest connect\n")
    assert "<h1>Not connected</h1>" in page.text
    assert "access was denied" in page.text
    assert stored(tmp_path) is None


def test_a_failed_exchange_is_told_in_browser_and_terminal(
    strava: Simulator, tmp_path: Path
) -> None:
    strava.faults.add(Fault("503", path="oauth/token"))
    with waiting(strava, tmp_path) as (process, url):
        page = requests.get(url, timeout=10)
        code, _, err = ended(process)
    assert code == 1
    assert "503" in err
    assert "Traceback" not in err
    assert "<h1>Not connected</h1>" in page.text
    assert "503" in page.text


def test_a_wrong_secret_leaves_nothing_behind(strava: Simulator, tmp_path: Path) -> None:
    strava.app.client_secret = "changed"
    process = start(strava, tmp_path, "--paste", STRAVA_CLIENT_SECRET="simulated-secret")
    code, _, err = ended(process, came_back(printed_url(process)) + "\n")
    assert code == 1
    assert "refuses the client secret" in err
    assert "simulated-secret" not in err
    assert stored(tmp_path) is None


def test_a_port_that_is_taken_names_the_option(strava: Simulator, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        code, _, err = ended(start(strava, tmp_path, "--no-browser", "--port", str(port)))
    assert code == 2
    assert f"port {port} cannot be used" in err
    assert "--port" in err


@POSIX
def test_the_browser_of_the_environment_is_opened(strava: Simulator, tmp_path: Path) -> None:
    script = tmp_path / "browser.py"
    script.write_text(
        textwrap.dedent("""
            import pathlib, sys, urllib.request
            page = urllib.request.urlopen(sys.argv[1], timeout=20).read()
            pathlib.Path(__file__).with_suffix(".html").write_bytes(page)
        """)
    )
    process = start(strava, tmp_path, "--port", "0", BROWSER=f"{sys.executable} {script} %s")
    code, out, err = ended(process)
    assert (code, err) == (0, "")
    assert "Connected as Ann" in out


def test_waiting_ends_with_a_hint(
    strava: Simulator,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(connect_module, "_WAIT_S", 0.6)
    config = Config(playground=tmp_path, database="", api=with_app(strava))
    with pytest.raises(
        NotAuthorized, match=r"no browser has come back from Strava .* with --paste"
    ):
        connect(config, port=0, open_browser=False)


# Pasting.


def test_the_pasted_address_connects(strava: Simulator, tmp_path: Path) -> None:
    process = start(strava, tmp_path, "--paste")
    code, out, err = ended(process, came_back(printed_url(process)) + "\n")
    assert (code, err) == (0, "")
    assert "Connected as Ann <Example> (athlete 77)." in out


def test_the_code_alone_connects(strava: Simulator, tmp_path: Path) -> None:
    process = start(strava, tmp_path, "--paste")
    code = parse_qs(urlsplit(came_back(printed_url(process))).query)["code"][0]
    assert ended(process, f"  {code}  \n")[0] == 0


def test_a_pasted_refusal_is_understood(strava: Simulator, tmp_path: Path) -> None:
    strava.consent = Consent(deny=True)
    process = start(strava, tmp_path, "--paste")
    code, _, err = ended(process, came_back(printed_url(process)) + "\n")
    assert code == 1
    assert "access was denied" in err


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("", "nothing was pasted"),
        ("\n", "nothing was pasted"),
        ("http://127.0.0.1/connected?state=other&code=c\n", "does not belong to this attempt"),
        ("http://127.0.0.1/connected?code=c\n", "does not belong to this attempt"),
        ("https://www.strava.com/dashboard\n", "does not belong to this attempt"),
        ("http://[\n", "does not belong to this attempt"),
    ],
)
def test_what_is_no_answer_says_so(line: str, says: str) -> None:
    with pytest.raises(NotAuthorized, match=says):
        pasted(line, "state")


@pytest.mark.parametrize(
    "line",
    [
        "http://127.0.0.1:8723/connected?state=st&code=c0de&scope=read,activity:read\n",
        "127.0.0.1:8723/connected?state=st&code=c0de&scope=read%2Cactivity%3Aread",
        "'http://localhost/connected?code=c0de&scope=read,activity:read&state=st#_=_'",
        "state=st&code=c0de&scope=read,activity:read",
    ],
)
def test_addresses_are_read_in_all_their_forms(line: str) -> None:
    redirect = pasted(line, "st")
    assert (redirect.code, redirect.scope) == ("c0de", "read,activity:read")
    assert "c0de" not in repr(redirect)


# Scopes.


def by_pasting(strava: Simulator, folder: Path) -> tuple[int, str, str]:
    process = start(strava, folder, "--paste")
    return ended(process, came_back(printed_url(process)) + "\n")


def test_an_unticked_box_is_explained(strava: Simulator, tmp_path: Path) -> None:
    strava.consent = Consent(
        grant={"read", "profile:read_all", "activity:read_all"} - {"profile:read_all"}
    )
    code, out, _ = by_pasting(strava, tmp_path)
    assert code == 0
    assert "Granted: activity:read_all, read\n" in out
    assert "Not granted: profile:read_all. So the heart rate and power zones" in out


def test_private_activities_are_explained(
    strava: Simulator,
    tmp_path: Path,
) -> None:
    # Strava offers activity:read when activity:read_all is asked for.
    edit = Fault(
        "edit", path="oauth/token", edit=lambda body: body | {"scope": "read,activity:read"}
    )
    strava.faults.add(edit)
    code, out, _ = by_pasting(strava, tmp_path)
    assert code == 0
    assert (
        'Not granted: activity:read_all. So private activities ("Only You") will be missing, and '
        "activities that you delete" in out
    )


def test_without_activities_nothing_is_saved(strava: Simulator, tmp_path: Path) -> None:
    strava.consent = Consent(grant={"read", "profile:read_all"})
    code, _, err = by_pasting(strava, tmp_path)
    assert code == 1
    assert "permission to see activities was unticked, so nothing was saved" in err
    assert stored(tmp_path) is None


# Client id and secret.


def with_app(strava: Simulator) -> ApiConfig:
    return config_for(
        strava, client_id=strava.app.client_id, client_secret=strava.app.client_secret
    )


def test_without_id_and_secret_and_a_terminal_the_two_variables_are_named(
    strava: Simulator, tmp_path: Path
) -> None:
    process = start(strava, tmp_path, "--paste", STRAVA_CLIENT_ID="", STRAVA_CLIENT_SECRET="")
    code, out, err = ended(process, "x\n")
    assert (code, out) == (2, "")
    assert "STRAVA_CLIENT_ID and STRAVA_CLIENT_SECRET are not set" in err
    assert "https://www.strava.com/settings/api" in err
    assert not (tmp_path / "Playground").exists()


def test_both_may_stand_in_the_env_file(strava: Simulator, tmp_path: Path) -> None:
    lines = [f"{name}={value}\n" for name, value in strava.environment.items()]
    (tmp_path / ".env").write_text("".join(lines), encoding="utf-8")
    process = subprocess.Popen(
        [sys.executable, "-m", "ingest", "connect", "--paste"],
        cwd=tmp_path,
        env=environment_of(None),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert ended(process, came_back(printed_url(process)) + "\n")[0] == 0


def test_the_app_of_the_last_time_is_used_again(strava: Simulator, tmp_path: Path) -> None:
    by_pasting(strava, tmp_path)
    first = stored(tmp_path)
    process = start(strava, tmp_path, "--paste", STRAVA_CLIENT_ID="", STRAVA_CLIENT_SECRET="")
    code, _, _ = ended(process, came_back(printed_url(process)) + "\n")
    second = stored(tmp_path)
    assert code == 0
    assert first is not None
    assert second is not None
    assert first.client_secret == second.client_secret
    assert first.access_token != second.access_token


def test_the_secret_of_one_app_is_not_tried_for_another(strava: Simulator, tmp_path: Path) -> None:
    file_for(strava, tmp_path)
    config = Config(playground=tmp_path, database="", api=config_for(strava, client_id=1))
    with pytest.raises(UsageError, match="STRAVA_CLIENT_SECRET"):
        connect(config, paste=True)


def test_a_damaged_token_file_is_replaced(strava: Simulator, tmp_path: Path) -> None:
    (tmp_path / "Playground").mkdir()
    (tmp_path / "Playground" / ".strava-token.json").write_text("{", encoding="utf-8")
    assert by_pasting(strava, tmp_path)[0] == 0
    assert stored(tmp_path) is not None


@POSIX
def test_a_terminal_is_asked_and_the_secret_is_not_shown(strava: Simulator, tmp_path: Path) -> None:
    ours, theirs = os.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "ingest", "connect", "--paste"],
        cwd=tmp_path,
        env=environment_of(strava, STRAVA_CLIENT_ID="", STRAVA_CLIENT_SECRET=""),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    seen = read_until(ours, "Client ID:")
    os.write(ours, b"12345\n")
    seen += read_until(ours, "Client Secret (not shown):")
    os.write(ours, b"simulated-secret\n")
    seen += read_until(ours, "press Enter:")
    url = next(line for line in seen.split() if line.startswith(strava.oauth_url))
    os.write(ours, came_back(url).encode() + b"\n")
    seen += read_until(ours, "Granted:")
    assert process.wait(30) == 0
    os.close(ours)
    assert "Connected as Ann" in seen
    assert "simulated-secret" not in seen
    assert "create one at https://www.strava.com/settings/api" in seen


def read_until(terminal: int, text: str) -> str:
    """What a terminal shows until this text."""
    seen, until = "", time.monotonic() + 20
    while text not in seen:
        assert time.monotonic() < until, seen
        if select.select([terminal], [], [], 0.5)[0]:
            seen += os.read(terminal, 65_536).decode()
    return seen


# Disconnecting.


def disconnect(strava: Simulator, folder: Path) -> tuple[int, str, str]:
    done = subprocess.run(
        [sys.executable, "-m", "ingest", "disconnect"],
        cwd=folder,
        env=environment_of(strava),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


@pytest.fixture
def connected(strava: Simulator, tmp_path: Path) -> Path:
    """A folder in which somebody has connected."""
    (tmp_path / "Playground").mkdir()
    file_for(strava, tmp_path / "Playground")
    return tmp_path


def test_disconnecting_revokes_and_deletes(strava: Simulator, connected: Path) -> None:
    assert disconnect(strava, connected) == (
        0,
        "Disconnected: access is revoked at Strava, and the tokens here are deleted.\n",
        "",
    )
    assert stored(connected) is None
    assert strava.tokens.grants == []


def test_disconnecting_twice_is_no_error(strava: Simulator, connected: Path) -> None:
    disconnect(strava, connected)
    assert disconnect(strava, connected) == (0, "Not connected to Strava.\n", "")


def test_disconnecting_without_a_playground_makes_none(strava: Simulator, tmp_path: Path) -> None:
    assert disconnect(strava, tmp_path)[0] == 0
    assert list(tmp_path.iterdir()) == []


def test_a_strava_that_does_not_answer_keeps_nothing_here(
    strava: Simulator, connected: Path
) -> None:
    strava.faults.add(Fault("503", path="oauth/revoke"))
    code, out, err = disconnect(strava, connected)
    assert (code, out) == (0, "The tokens here are deleted.\n")
    assert "Access could not be revoked at Strava" in err
    assert "503" in err
    assert "https://www.strava.com/settings/apps" in err
    assert stored(connected) is None


def test_a_damaged_file_is_deleted_by_disconnecting(strava: Simulator, connected: Path) -> None:
    (connected / "Playground" / ".strava-token.json").write_text("{", encoding="utf-8")
    code, _, err = disconnect(strava, connected)
    assert code == 0
    assert "damaged" in err
    assert not (connected / "Playground" / ".strava-token.json").exists()
