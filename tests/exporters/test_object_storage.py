"""Parquet files and Delta tables in S3, on a server of our own that speaks its protocol."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow.parquet as pq
import pytest
from pyarrow import fs

from exporters import parquet_points
from exporters.object_storage import delta_options, settings
from tests.exporters.conftest import Ask, Change, command


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """A server on the loopback address that answers as S3 does.

    It is a process: ``deltalake`` waits for answers without letting other threads run.
    """
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    call = [sys.executable, "-m", "moto.server", "--host", "127.0.0.1", "--port", str(port)]
    server = subprocess.Popen(call, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(300):
            with suppress(OSError), closing(socket.create_connection(("127.0.0.1", port), 1)):
                break
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait()


@pytest.fixture
def bucket(address: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """A bucket of its own; the environment says where it is."""
    for name, value in {
        "AWS_ENDPOINT_URL": address,
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_REGION": "us-east-1",
    }.items():
        monkeypatch.setenv(name, value)
    name = f"club-{uuid.uuid4().hex[:8]}"
    _files(address).create_dir(name)
    return name


def _files(address: str) -> fs.S3FileSystem:
    return fs.S3FileSystem(
        access_key="key",
        secret_key="secret",
        region="us-east-1",
        endpoint_override=address.removeprefix("http://"),
        scheme="http",
        allow_bucket_creation=True,
    )


def _names(address: str, place: str) -> set[str]:
    found = _files(address).get_file_info(fs.FileSelector(place, recursive=True))
    return {one.path for one in found if one.type == fs.FileType.File}


def _written(playground: Path, *arguments: str) -> dict[str, Any]:
    done = command(playground, *arguments, "--json")
    assert done.exit_code == 0, done.output
    summary: dict[str, Any] = json.loads(done.stdout)
    return summary


def test_parquet_holds_what_a_folder_would(
    playground: Path, tmp_path: Path, address: str, bucket: str
) -> None:
    told = _written(playground, "parquet", "--out", f"s3://{bucket}/tables/")
    _written(playground, "parquet", "--out", str(tmp_path / "out"))
    local = sorted(
        path.relative_to(tmp_path / "out").as_posix()
        for path in (tmp_path / "out").rglob("*.parquet")
    )
    stored = sorted(name.removeprefix(f"{bucket}/tables/") for name in _names(address, bucket))
    assert (stored, told["files"]) == (local, len(local))
    assert told["out"] == f"s3://{bucket}/tables"
    for name in local:
        there = pq.read_table(f"{bucket}/tables/{name}", filesystem=_files(address))
        assert there.equals(pq.read_table(tmp_path / "out" / name))


def test_parquet_is_replaced_only_when_asked_and_then_as_a_whole(
    playground: Path, address: str, bucket: str, change: Change
) -> None:
    place = f"s3://{bucket}/tables"
    _written(playground, "parquet", "--tables", "track_points", "--out", place)
    before = _names(address, bucket)
    refused = command(playground, "parquet", "--tables", "track_points", "--out", place)
    assert refused.exit_code == 1
    assert f"{place}/track_points exists already; use --overwrite" in refused.stderr
    change("DELETE FROM tracks WHERE start_time_utc >= '2026-01-01'")
    _written(playground, "parquet", "--tables", "track_points", "--out", place, "--overwrite")
    assert _names(address, bucket) < before


def test_several_processes_write_one_dataset(
    playground: Path, address: str, bucket: str, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parquet_points, "_WORTH_A_PROCESS", 0)
    _written(playground, "parquet", "--tables", "track_points", "--out", f"s3://{bucket}/a")
    rows = pq.read_table(f"{bucket}/a/track_points", filesystem=_files(address)).num_rows
    assert [(rows,)] == ask("SELECT count(*) FROM track_points")


def test_a_lake_is_brought_up_to_date(
    playground: Path, bucket: str, change: Change, ask: Ask
) -> None:
    place = f"s3://{bucket}/lake"
    first = _written(playground, "delta", "--out", place)
    assert first["athletes_written"] == 1
    change("UPDATE activities SET name = 'another'")
    again = _written(playground, "delta", "--out", place)
    options = delta_options(settings(os.environ))
    found = pl.read_delta(f"{place}/activities", storage_options=options)
    assert set(found["name"]) == {"another"}
    assert again["rows"] == found.height == len(ask("SELECT 1 FROM activities"))
    points = pl.scan_delta(f"{place}/track_points", storage_options=options)
    assert [(points.select(pl.len()).collect().item(),)] == ask("SELECT count(*) FROM track_points")


@pytest.mark.parametrize("name", ["parquet", "delta"])
def test_a_bucket_that_is_not_there_is_told_in_a_line(
    playground: Path, bucket: str, name: str
) -> None:
    done = command(playground, name, "--out", f"s3://{bucket}-not/x")
    assert done.exit_code == 1
    assert len(done.stderr.splitlines()) == 1
    assert f"s3://{bucket}-not/x" in done.stderr
    assert "NoSuchBucket" in done.stderr or "does not exist" in done.stderr
