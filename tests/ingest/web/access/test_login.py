"""The page beyond this machine: only with a password, whose every rule is attacked here."""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
from playwright.sync_api import Page

from ingest.web.access.passwords import OF_ONE
from tests.ingest.web.conftest import SERVE, Serve, Served
from tests.ingest.web.test_looks import findings

Visit = Callable[..., Page]
SECRET = "correct horse battery"
#: Browsers say so of plain HTTP that leaves the machine; nothing is wrong with the page.
PLAIN = "Cross-Origin-Opener-Policy"


def this_machine() -> str:
    """An address of this machine that others can reach; nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("203.0.113.1", 9))
        except OSError:
            pytest.skip("this machine is in no network")
        return str(probe.getsockname()[0])


@pytest.fixture
def password_file(tmp_path: Path) -> Path:
    file = tmp_path / "password.txt"
    file.touch(0o600)
    file.write_text(f"{SECRET}\n", encoding="utf-8")
    return file


@pytest.fixture
def served(serve: Serve, imported: Path, password_file: Path) -> Served:
    """A page that listens on every address."""
    options = ("--host", "0.0.0.0", "--password-file", str(password_file))
    return serve(*options, playground=imported)


@pytest.fixture
def there(served: Served) -> str:
    """The address of the page as other machines see it."""
    return f"http://{this_machine()}:{urlsplit(served.base).port}"


def log_in(base: str, password: str, **headers: str) -> requests.Response:
    form = {"password": password}
    return requests.post(
        f"{base}/login", data=form, headers=headers, timeout=20, allow_redirects=False
    )


# In a browser.


@pytest.mark.parametrize("scripts", [True, False])
def test_the_password_leads_in_and_logging_out_leads_out(
    there: str, visit: Visit, scripts: bool
) -> None:
    page = visit(f"{there}/activities", expected=PLAIN, java_script_enabled=scripts)
    assert page.url == f"{there}/login"
    page.get_by_label("Password").fill(SECRET)
    page.get_by_role("button", name="Log in").click()
    page.get_by_role("heading", name="Your activities").wait_for()
    page.goto(f"{there}/login")
    assert page.url == f"{there}/"
    [cookie] = page.context.cookies()
    assert (cookie["httpOnly"], cookie["sameSite"], cookie["expires"]) == (True, "Strict", -1)
    page.get_by_role("button", name="Log out").click()
    page.get_by_role("heading", name="Log in").wait_for()
    assert page.context.cookies() == []
    old = {cookie["name"]: cookie["value"]}
    assert requests.get(f"{there}/activities", cookies=old, timeout=20).status_code == 403


def test_forms_work_over_plain_http(there: str, visit: Visit) -> None:
    # There browsers tell of the page that sends a form by its Origin alone.
    page = visit(f"{there}/login", expected=PLAIN)
    page.get_by_label("Password").fill(SECRET)
    page.get_by_label("Password").press("Enter")
    page.get_by_role("link", name="Import", exact=True).click()
    page.get_by_role("checkbox", name="Dry run").check()
    page.get_by_role("button", name="Import all of the drop folder").click()
    page.get_by_role("heading", name="The dry run is done").wait_for()


def test_a_wrong_password_is_told(served: Served, visit: Visit, axe: str) -> None:
    page = visit(f"{served.base}/login", expected="403")
    page.get_by_label("Password").fill("another password")
    page.get_by_role("button", name="Log in").click()
    alert = page.get_by_role("alert")
    assert alert.inner_text() == "This is not the password."
    assert page.get_by_label("Password").input_value() == ""
    assert findings(page, axe) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(there: str, visit: Visit, axe: str, scheme: str) -> None:
    page = visit(f"{there}/login", expected=PLAIN, color_scheme=scheme)
    for width in (390, 1280):
        page.set_viewport_size({"width": width, "height": 844})
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert findings(page, axe) == []
    page.get_by_label("Password").fill(SECRET)
    page.get_by_role("button", name="Log in").click()
    page.set_viewport_size({"width": 390, "height": 844})
    page.get_by_role("button", name="Log out").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert findings(page, axe) == []


def test_from_another_machine_connect_says_where_it_works(there: str, visit: Visit) -> None:
    page = visit(f"{there}/login", expected=PLAIN)
    page.get_by_label("Password").fill(SECRET)
    page.get_by_role("button", name="Log in").click()
    page.goto(f"{there}/connect")
    assert page.get_by_text("connect --paste --playground").is_visible()
    assert page.get_by_label("Client ID").count() == 0


# What is refused.


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--host", "0.0.0.0"], "it needs --password-file FILE"),
        (["--host", "::"], "it needs --password-file FILE"),
        (["--allowed-host", "strava.example"], "it needs --password-file FILE"),
        (["--host", "no-such-host.invalid"], "no address is known for it"),
        (["--host", "0.0.0.0", "--password-file", "none.txt"], "none.txt cannot be read"),
        (["--password-file", "none.txt"], "none.txt cannot be read"),
    ],
)
def test_without_a_good_password_the_page_does_not_begin(
    tmp_path: Path, arguments: list[str], told: str
) -> None:
    command = [*SERVE, "--playground", str(tmp_path), *arguments]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.count("\n") == 1
    assert told in ended.stderr


@pytest.mark.parametrize("path", ["/", "/activities", "/activities.csv", "/static/import.js", "/x"])
def test_nobody_comes_in_without_the_password(there: str, path: str) -> None:
    for cookie in ("", "x", "ä", "x" * 2_000):
        headers = {"Cookie": f"strava_ingest_{urlsplit(there).port}={cookie}".encode()}
        answer = requests.get(f"{there}{path}", headers=headers, timeout=20)
        assert (answer.status_code, answer.text) == (403, "log in first, or again\n")
        shown = requests.get(f"{there}{path}", headers={"Accept": "text/html"}, timeout=20)
        assert shown.url == f"{there}/login"
        assert "Lunch Ride" not in shown.text


@pytest.mark.parametrize(
    "path",
    [
        "//activities",
        "/login/../activities",
        "/login/%2e%2e/activities",
        "/login/activities",
        "/static/style.css/../../activities",
        "/static/style.css%2f..%2fimport.js",
        "/activities;/login",
        "/activities?/login",
    ],
)
def test_no_path_leads_past_the_password(there: str, path: str) -> None:
    with requests.Session() as session:
        request = requests.Request("GET", there).prepare()
        request.url = f"{there}{path}"
        answer = session.send(request, timeout=20)
    assert answer.status_code == 403
    assert "Lunch Ride" not in answer.text


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "login", "127.0.0.1.nip.io"])
def test_a_foreign_name_does_not_even_see_the_form(there: str, host: str) -> None:
    for answer in (
        requests.get(f"{there}/login", headers={"Host": host}, timeout=20),
        log_in(there, SECRET, Host=host),
    ):
        assert (answer.status_code, answer.text) == (400, "unknown host\n")
        assert "set-cookie" not in answer.headers


def test_this_machine_is_known_by_its_name_and_addresses(served: Served, there: str) -> None:
    for host in (socket.gethostname(), "localhost", "[::1]:1", urlsplit(there).netloc):
        assert log_in(served.base, SECRET, Host=host).status_code == 303


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://["},
        {"Origin": ""},
    ],
)
def test_a_form_of_another_page_does_not_log_in(there: str, headers: dict[str, str]) -> None:
    answer = log_in(there, SECRET, **headers)
    assert (answer.status_code, answer.text) == (403, "the request comes from another page\n")
    assert "set-cookie" not in answer.headers


def test_a_form_of_another_page_does_not_log_out(there: str) -> None:
    cookies = log_in(there, SECRET).cookies
    away = {"Origin": "https://evil.example"}
    requests.post(f"{there}/logout", headers=away, cookies=cookies, timeout=20)
    assert requests.get(f"{there}/activities", cookies=cookies, timeout=20).status_code == 200


def test_each_browser_has_a_session_of_its_own(there: str) -> None:
    one, other = log_in(there, SECRET).cookies, log_in(there, SECRET).cookies
    assert one.values() != other.values()
    requests.post(f"{there}/logout", cookies=one, timeout=20, allow_redirects=False)
    assert requests.get(f"{there}/activities", cookies=one, timeout=20).status_code == 403
    assert requests.get(f"{there}/activities", cookies=other, timeout=20).status_code == 200


@pytest.mark.parametrize(
    "password",
    ["", SECRET[:-1], f"{SECRET} ", SECRET.upper(), f"{SECRET}\r\nSet-Cookie: a=b", "ä\0\ud7ff"],
)
def test_nothing_but_the_password_is_the_password(there: str, password: str) -> None:
    answer = log_in(there, password)
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers
    assert not password or password not in answer.text


def test_a_huge_password_is_refused_and_one_cut_off_is_no_error(
    served: Served, there: str, capfd: pytest.CaptureFixture[str]
) -> None:
    assert log_in(there, "x" * 1_000_000).status_code == 413
    parts = urlsplit(there)
    head = f"POST /login HTTP/1.1\r\nHost: {parts.netloc}\r\nContent-Length: 100\r\n\r\npassword="
    with socket.create_connection((str(parts.hostname), parts.port or 0)) as connection:
        connection.sendall(head.encode())
    assert log_in(there, SECRET).status_code == 303
    served.process.terminate()
    served.process.wait(timeout=20)
    assert "Traceback" not in capfd.readouterr().err


# The limit.


def test_wrong_passwords_have_to_wait_and_keep_nobody_else_out(served: Served, there: str) -> None:
    for _ in range(OF_ONE):
        assert log_in(there, "another password").status_code == 403
    answer = log_in(there, SECRET)
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 300
    assert "There were too many wrong passwords. Try again in 5 minutes." in answer.text
    assert "set-cookie" not in answer.headers
    # From another address, and by the address that was printed, people come in all the same.
    assert log_in(served.base, SECRET).status_code == 303
    assert served.session().get(f"{served.base}/activities", timeout=20).status_code == 200


def test_a_header_of_a_stranger_does_not_get_round_the_limit(there: str) -> None:
    for n in range(OF_ONE):
        headers = {"X-Forwarded-For": f"198.51.100.{n}", "Forwarded": f"for=198.51.100.{n}"}
        assert log_in(there, "another password", **headers).status_code == 403
    assert log_in(there, SECRET, **{"X-Forwarded-For": "198.51.100.9"}).status_code == 429


# Addresses.


@pytest.fixture
def has_ipv6() -> None:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("there is no IPv6 here")


def test_ipv6_alone_needs_no_password(
    serve: Serve, imported: Path, visit: Visit, has_ipv6: None
) -> None:
    served = serve("--host", "::1", playground=imported)
    assert served.base.startswith("http://[::1]:")
    page = visit(served.address)
    page.get_by_role("heading", name="Your activities").wait_for()
    page.goto(f"{served.base}/connect")
    assert page.get_by_text("connect --paste --playground").is_visible()


def test_all_of_ipv6_is_all_of_ipv4_too(
    serve: Serve, imported: Path, password_file: Path, has_ipv6: None
) -> None:
    served = serve("--host", "::", "--password-file", str(password_file), playground=imported)
    port = urlsplit(served.base).port
    for base in (f"http://[::1]:{port}", f"http://127.0.0.1:{port}"):
        assert log_in(base, SECRET).status_code == 303
    assert served.session().get(f"{served.base}/activities", timeout=20).status_code == 200


def test_the_address_that_is_printed_leads_in_once(served: Served) -> None:
    assert served.base.startswith("http://127.0.0.1:")
    assert served.session().get(f"{served.base}/activities", timeout=20).status_code == 200
    again = requests.get(served.address, headers={"Accept": "text/html"}, timeout=20)
    assert again.url == f"{served.base}/login"
