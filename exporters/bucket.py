"""Stores files in a folder of S3, each whole or not at all.

S3 shows an object when its upload has ended, so a file is written on disk first.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pyarrow import fs

from exporters.errors import ExportError, TargetExists
from exporters.object_storage import SCHEME


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    """A folder of a bucket; it can be passed to other processes."""

    filesystem: fs.FileSystem
    #: Bucket and folder, without a slash at the end.
    root: str

    def refuse_existing(self, names: Iterable[str], overwrite: bool) -> None:
        """Raise ``TargetExists`` for the first file or folder that is there."""
        paths = [f"{self.root}/{name}" for name in names]
        with _problems(self.root):
            there = [
                found.path
                for found in self.filesystem.get_file_info(paths)
                if found.type != fs.FileType.NotFound
            ]
        if there and not overwrite:
            more = f" (and {len(there) - 1:,} more)" if len(there) > 1 else ""
            raise TargetExists(
                f"{SCHEME}{there[0]}{more} exists already; use --overwrite to replace it, or "
                "choose another --out"
            )

    def put(self, file: Path, name: str) -> None:
        """Upload a file, and delete it here."""
        with _problems(self.root):
            fs.copy_files(str(file), f"{self.root}/{name}", fs.LocalFileSystem(), self.filesystem)
        file.unlink()

    def keep_only(self, folder: str, names: Collection[str]) -> None:
        """Delete files of a folder that are none of these."""
        kept = {f"{self.root}/{name}" for name in names}
        with _problems(self.root):
            found = self.filesystem.get_file_info(
                fs.FileSelector(f"{self.root}/{folder}", allow_not_found=True, recursive=True)
            )
            for one in found:
                if one.type == fs.FileType.File and one.path not in kept:
                    self.filesystem.delete_file(one.path)


def open_bucket(url: str, settings: Mapping[str, str]) -> Bucket:
    """The folder of ``s3://bucket/folder``, reached with settings of AWS."""
    endpoint = settings.get("AWS_ENDPOINT_URL", "")
    scheme, _, host = endpoint.rpartition("://")
    with _problems(url.removeprefix(SCHEME)):
        filesystem = fs.S3FileSystem(
            access_key=settings.get("AWS_ACCESS_KEY_ID"),
            secret_key=settings.get("AWS_SECRET_ACCESS_KEY"),
            session_token=settings.get("AWS_SESSION_TOKEN"),
            region=settings.get("AWS_REGION") or settings.get("AWS_DEFAULT_REGION"),
            endpoint_override=host or None,
            scheme=scheme or "https",
        )
    return Bucket(filesystem=filesystem, root=url.removeprefix(SCHEME).rstrip("/"))


@contextmanager
def _problems(root: str) -> Iterator[None]:
    try:
        yield
    except OSError as err:
        reason = next(iter(str(err).splitlines()), type(err).__name__)
        raise ExportError(
            f"{SCHEME}{root} cannot be written ({reason}); check the bucket, and the AWS_ settings "
            "of the environment"
        ) from err
