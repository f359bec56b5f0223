"""Installs Apache Superset once and runs it, with its metadata in a database of its own."""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import requests

VERSION: Final = "6.1.0"
PASSWORD: Final = secrets.token_urlsafe(16)
#: Packages to install. Superset uses rich and cachetools without requiring them, and a newer
#: flask-caching rejects the arguments that Superset passes.
_PACKAGES: Final = (
    f"apache-superset=={VERSION}",
    "rich",
    "cachetools",
    "flask-caching==2.3.1",
    "psycopg2-binary",
    "gunicorn",
)
#: Configuration of the server. Superset refuses SQLite files as unsafe unless told otherwise, since
#: it could read any file of its server through them.
_CONFIG: Final = """\
SECRET_KEY = {secret!r}
SQLALCHEMY_DATABASE_URI = {metadata!r}
PREVENT_UNSAFE_DB_CONNECTIONS = False
WTF_CSRF_ENABLED = False
TALISMAN_ENABLED = False
RATELIMIT_ENABLED = False
"""
_PATIENCE_S: Final = 120


def install(folder: Path) -> Path:
    """Install Superset unless it is there; return the folder of its programs."""
    programs = folder / "venv" / "bin"
    marker = folder / f"installed-{VERSION}"
    if not marker.exists():
        subprocess.run([sys.executable, "-m", "venv", "--clear", folder / "venv"], check=True)
        pip = [
            str(programs / "python"),
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
        ]
        # pip warns of undeclared and conflicting packages, as expected; show only why it failed.
        installed = subprocess.run(
            [*pip, *_PACKAGES], check=False, stderr=subprocess.PIPE, text=True
        )
        if installed.returncode:
            raise SystemExit(f"Superset could not be installed:\n{installed.stderr}")
        marker.touch()
    return programs


@contextmanager
def running(programs: Path, folder: Path, metadata: str) -> Iterator[str]:
    """Run Superset as long as the context lasts, and give its address.

    ``metadata`` is an empty database. The server's output goes to a file in ``folder``.
    """
    environment = _environment(folder, metadata)
    with (folder / "superset.log").open("wb") as log:
        for arguments in (
            ["db", "upgrade"],
            ["fab", "create-admin", *_admin()],
            ["init"],
        ):
            subprocess.run(
                [programs / "superset", *arguments],
                env=environment,
                stdout=log,
                stderr=log,
                check=True,
            )
        port = _free_port()
        command = [
            str(programs / "gunicorn"),
            "-b",
            f"127.0.0.1:{port}",
            "-w",
            "1",
            "--threads",
            "4",
            "superset.app:create_app()",
        ]
        server = subprocess.Popen(command, env=environment, stdout=log, stderr=log, cwd=folder)
        try:
            yield _answering(f"http://127.0.0.1:{port}", server)
        finally:
            server.terminate()
            server.wait(timeout=30)


def _environment(folder: Path, metadata: str) -> dict[str, str]:
    config = folder / "superset_config.py"
    config.write_text(
        _CONFIG.format(secret=secrets.token_hex(32), metadata=metadata), encoding="utf-8"
    )
    config.chmod(0o600)
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PYTHON", "SUPERSET", "FLASK"))
    }
    return kept | {
        "SUPERSET_CONFIG_PATH": str(config),
        "SUPERSET_HOME": str(folder / "home"),
        "FLASK_APP": "superset",
        "HOME": str(folder),
    }


def _admin() -> list[str]:
    said = {
        "username": "admin",
        "firstname": "A",
        "lastname": "B",
        "email": "a@example.org",
        "password": PASSWORD,
    }
    return [part for name, value in said.items() for part in (f"--{name}", value)]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _answering(address: str, server: subprocess.Popen[bytes]) -> str:
    until = time.monotonic() + _PATIENCE_S
    while time.monotonic() < until and server.poll() is None:
        try:
            if requests.get(f"{address}/health", timeout=5).ok:
                return address
        except requests.ConnectionError:
            time.sleep(0.5)
    raise SystemExit("Superset did not start; see superset.log")
