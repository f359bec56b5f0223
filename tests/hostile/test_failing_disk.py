"""A disk that fails in the middle of an import: a sentence and exit code 1, and the next run brings
in what is missing.

A small library, loaded before the C library, lets the n-th call of ``fsync``, ``fdatasync`` or
``pwrite64`` fail, as a dying disk or a full one does. SQLite writes and syncs its database and
journal by these.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tests.builders import export_zip, fit_activity

_SOURCE = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static long calls;

static int fails(const char *name) {
    const char *which = getenv("FAILING_CALL"), *number = getenv("FAILING_NUMBER");
    if (!which || !number || strcmp(which, name)) return 0;
    return ++calls >= atol(number);
}

int fsync(int file) {
    static int (*real)(int);
    if (!real) real = dlsym(RTLD_NEXT, "fsync");
    if (fails("fsync")) { errno = EIO; return -1; }
    return real(file);
}

int fdatasync(int file) {
    static int (*real)(int);
    if (!real) real = dlsym(RTLD_NEXT, "fdatasync");
    if (fails("fsync")) { errno = EIO; return -1; }
    return real(file);
}

ssize_t pwrite64(int file, const void *data, size_t size, off64_t at) {
    static ssize_t (*real)(int, const void *, size_t, off64_t);
    if (!real) real = dlsym(RTLD_NEXT, "pwrite64");
    if (fails("pwrite64")) { errno = EIO; return -1; }
    return real(file, data, size, at);
}
"""
ACTIVITIES = [{"activity_id": i, "filename": f"activities/{i}.fit"} for i in range(1, 6)]

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="needs LD_PRELOAD"),
    pytest.mark.skipif(shutil.which("cc") is None, reason="needs a C compiler"),
]


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("failing")
    source, library = folder / "failing.c", folder / "failing.so"
    source.write_text(_SOURCE, encoding="utf-8")
    subprocess.run(["cc", "-shared", "-fPIC", "-o", library, source, "-ldl"], check=True)
    return library


@pytest.fixture
def playground(tmp_path: Path) -> Path:
    (tmp_path / "Strava Export").mkdir()
    files = {str(row["filename"]): fit_activity(3000) for row in ACTIVITIES}
    export_zip(tmp_path / "Strava Export" / "export_1.zip", ACTIVITIES, files=files)
    return tmp_path


def import_(playground: Path, **environment: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-m", "ingest", "run", "--jobs", "0", "--playground", playground],
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
            **environment,
        },
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def stored(playground: Path) -> tuple[int, int]:
    with sqlite3.connect(playground / "strava.db") as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        query = "SELECT (SELECT count(*) FROM activities), (SELECT count(*) FROM track_points)"
        found: tuple[int, int] = connection.execute(query).fetchone()
        return found


@pytest.mark.parametrize(
    ("call", "number"), [("fsync", 1), ("fsync", 6), ("pwrite64", 40), ("pwrite64", 300)]
)
def test_an_import_that_the_disk_fails_is_told_and_finished_by_the_next_run(
    playground: Path, library: Path, call: str, number: int
) -> None:
    code, told = import_(
        playground, LD_PRELOAD=str(library), FAILING_CALL=call, FAILING_NUMBER=str(number)
    )
    assert (code, "Traceback" in told, "strava.db" in told) == (1, False, True), told
    code, told = import_(playground)
    assert code == 0, told
    assert stored(playground) == (5, 15_000)
