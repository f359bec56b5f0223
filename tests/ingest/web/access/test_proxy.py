"""The page behind a reverse proxy with TLS, as docs/page.md shows it."""

from __future__ import annotations

import http.client
import shutil
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
from playwright.sync_api import Page

from ingest.web.access.passwords import OF_ONE
from tests.ingest.web.conftest import Serve, Served

Visit = Callable[..., Page]
SECRET = "correct horse battery"
#: Browsers have such names lead to this machine.
NAME = "strava.localhost"
#: Headers of one connection, which a proxy does not pass on.
OF_CONNECTION = ("connection", "keep-alive", "transfer-encoding", "x-forwarded-for")


class Proxy(ThreadingHTTPServer):
    """Passes requests on to a page, as Caddy does without further settings."""

    daemon_threads = True
    to: str
    #: Whom it says that requests come from.
    client = "198.51.100.7"


class _Handler(BaseHTTPRequestHandler):
    server: Proxy

    def _pass_on(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = {n: v for n, v in self.headers.items() if n.lower() not in OF_CONNECTION}
        headers |= {"X-Forwarded-For": self.server.client, "X-Forwarded-Proto": "https"}
        onward = http.client.HTTPConnection(self.server.to, timeout=20)
        onward.request(self.command, self.path, body, headers)
        answer = onward.getresponse()
        content = answer.read()
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in (*OF_CONNECTION, "content-length"):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
        onward.close()

    do_GET = do_POST = do_PUT = _pass_on  # noqa: N815  # http.server asks for these names

    def log_message(self, format: str, *args: object) -> None:
        """Print nothing."""


@dataclass(frozen=True, slots=True)
class Behind:
    """A page, and the proxy before it."""

    served: Served
    proxy: Proxy
    certificate: Path

    @property
    def base(self) -> str:
        """The address as browsers see it."""
        return f"https://{NAME}:{self.proxy.server_port}"

    def log_in(self, password: str, **headers: str) -> requests.Response:
        """The answer to a password, without a browser."""
        base = f"https://127.0.0.1:{self.proxy.server_port}"
        return requests.post(
            f"{base}/login",
            data={"password": password},
            headers={"Host": urlsplit(self.base).netloc, **headers},
            verify=str(self.certificate),
            allow_redirects=False,
            timeout=20,
        )


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate that nobody trusts, with its key."""
    if shutil.which("openssl") is None:
        pytest.skip("there is no openssl")
    file = tmp_path_factory.mktemp("tls") / "both.pem"
    subject = ["-subj", f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME},IP:127.0.0.1"]
    new = ["openssl", "req", "-x509", "-nodes", "-newkey", "rsa:2048", "-days", "2", *subject]
    subprocess.run(
        [*new, "-keyout", str(file), "-out", f"{file}.crt"], check=True, capture_output=True
    )
    file.write_bytes(file.read_bytes() + Path(f"{file}.crt").read_bytes())
    return file


@contextmanager
def proxying(served: Served, certificate: Path) -> Iterator[Proxy]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    proxy = Proxy(("127.0.0.1", 0), _Handler)
    proxy.to = urlsplit(served.base).netloc
    proxy.socket = context.wrap_socket(proxy.socket, server_side=True)
    threading.Thread(target=proxy.serve_forever, daemon=True).start()
    yield proxy
    proxy.shutdown()
    proxy.server_close()


@pytest.fixture
def behind(serve: Serve, imported: Path, tmp_path: Path, certificate: Path) -> Iterator[Behind]:
    """A page on this machine alone, which a proxy serves under a name."""
    file = tmp_path / "password.txt"
    file.touch(0o600)
    file.write_text(SECRET, encoding="utf-8")
    served = serve("--password-file", str(file), "--allowed-host", NAME, playground=imported)
    with proxying(served, certificate) as proxy:
        yield Behind(served, proxy, certificate)


def test_the_password_leads_in_and_forms_work(behind: Behind, visit: Visit) -> None:
    page = visit(f"{behind.base}/login", ignore_https_errors=True)
    page.get_by_label("Password").fill(SECRET)
    page.get_by_role("button", name="Log in").click()
    page.get_by_role("heading", name="Your activities").wait_for()
    [cookie] = page.context.cookies()
    assert cookie["secure"]
    page.get_by_role("link", name="Import", exact=True).click()
    page.get_by_role("checkbox", name="Dry run").check()
    page.get_by_role("button", name="Import all of the drop folder").click()
    page.get_by_role("heading", name="The dry run is done").wait_for()
    page.goto(f"{behind.base}/connect")
    assert page.get_by_text("connect --paste --playground").is_visible()


def test_another_name_is_refused(behind: Behind) -> None:
    for host in ("evil.example", f"{NAME}.evil.example", "192.0.2.2"):
        answer = behind.log_in(SECRET, Host=host)
        assert (answer.status_code, answer.text) == (400, "unknown host\n")


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": f"https://{NAME}", "Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_a_form_of_another_page_is_refused(behind: Behind, headers: dict[str, str]) -> None:
    answer = behind.log_in(SECRET, **headers)
    assert (answer.status_code, answer.text) == (403, "the request comes from another page\n")


def test_the_limit_is_that_of_each_address_behind_the_proxy(behind: Behind) -> None:
    for _ in range(OF_ONE):
        # What a client says of itself, the proxy does not pass on.
        sent = {"X-Forwarded-For": "203.0.113.9"}
        assert behind.log_in("another password", **sent).status_code == 403
    assert behind.log_in(SECRET).status_code == 429
    behind.proxy.client = "198.51.100.8"
    assert behind.log_in(SECRET).status_code == 303
