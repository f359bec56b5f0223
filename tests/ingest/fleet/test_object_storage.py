"""Exports in a bucket: a server of S3 on this machine, made by moto."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from moto.server import ThreadedMotoServer

from tests.ingest.fleet.conftest import Export, started, told

ACCESS = {"AWS_ACCESS_KEY_ID": "club", "AWS_SECRET_ACCESS_KEY": "hush", "AWS_REGION": "eu-west-1"}

#: Each starts several processes, which take their time on a busy machine.
pytestmark = pytest.mark.timeout(900)


@pytest.fixture
def storage() -> Iterator[str]:
    """The address of a server with a bucket named ``club``."""
    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    address = f"http://{host}:{port}"
    client_of(address).create_bucket(
        Bucket="club", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
    )
    yield address
    server.stop()


def client_of(address: str):  # type: ignore[no-untyped-def]
    return boto3.client(
        "s3",
        endpoint_url=address,
        region_name="eu-west-1",
        aws_access_key_id="club",
        aws_secret_access_key="hush",
    )


def put(address: str, path: Path) -> None:
    client_of(address).upload_file(str(path), "club", f"exports/{path.name}")


def test_exports_are_copied_from_a_bucket_and_known_by_their_etag(
    tmp_path: Path, pg_url: str, storage: str, export_of: Export
) -> None:
    for athlete_id in (71, 72):
        put(storage, export_of(athlete_id))
    place, access = "s3://club/exports/*.zip", {**ACCESS, "AWS_ENDPOINT_URL": storage}
    code, first, messages = told(started(pg_url, tmp_path, place, "--workers", "1", **access))
    assert (code, first["activities_new"]) == (0, 6), messages
    assert [one["name"] for one in first["exports"]] == [
        "s3://club/exports/export_71.zip",
        "s3://club/exports/export_72.zip",
    ]
    code, again, messages = told(started(pg_url, tmp_path, place, **access))
    assert (code, [one["status"] for one in again["exports"]]) == (0, ["unchanged"] * 2)
    assert "dashboard" not in messages, "nothing is copied again, so no worker is needed"
    put(storage, export_of(72, ids=[720, 721, 722, 723]))
    code, newer, messages = told(started(pg_url, tmp_path, place, "--workers", "1", **access))
    assert (code, newer["activities_new"], newer["files_read"]) == (0, 1, 1), messages
    assert [one["status"] for one in newer["exports"]] == ["unchanged", "done"]
