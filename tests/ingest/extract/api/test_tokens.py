"""The token file: for its owner's eyes only, whole at every moment, changed by one at a time."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import textwrap
import threading
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ingest.errors import NotAuthorized, StravaUnavailable
from ingest.extract.api import tokens as tokens_module
from ingest.extract.api.tokens import TokenFile, Tokens

ROOT = Path(__file__).parents[4]
SECRETS = ("s3cret", "acc3ss", "r3fresh")
TOKENS = Tokens(
    client_id=7,
    client_secret="s3cret",
    access_token="acc3ss",
    refresh_token="r3fresh",
    expires_at=datetime(2026, 5, 1, 12, tzinfo=UTC),
    scopes=frozenset({"read", "activity:read_all"}),
    athlete_id=77,
    first_name="Zoë",
    last_name="Müller",
)
POSIX = pytest.mark.skipif(os.name == "nt", reason="Windows has no file modes")
NOT_ROOT = pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may do anything")


@pytest.fixture
def file(tmp_path: Path) -> TokenFile:
    return TokenFile(tmp_path / ".strava-token.json")


def test_what_was_saved_is_loaded(file: TokenFile) -> None:
    file.save(TOKENS)
    assert file.load() == TOKENS


def test_no_file_is_no_connection(file: TokenFile) -> None:
    assert file.load() is None


@POSIX
def test_only_the_owner_may_read_the_file_whatever_the_umask_and_the_old_file_say(
    file: TokenFile,
) -> None:
    file.path.write_text("{}", encoding="utf-8")
    file.path.chmod(0o644)
    before = os.umask(0)
    try:
        file.save(TOKENS)
    finally:
        os.umask(before)
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600


@POSIX
def test_the_file_is_for_its_owner_only_before_the_first_byte_is_in_it(
    file: TokenFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    modes = []

    def look(handle: int) -> None:
        modes.append(stat.S_IMODE(os.fstat(handle).st_mode))

    monkeypatch.setattr(os, "fsync", look)
    file.save(TOKENS)
    assert modes[0] == 0o600


def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(
    file: TokenFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    file.save(TOKENS)
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(
            NotAuthorized,
            match=r"\.strava-token\.json cannot be written \(No space left on device\)",
        ):
            file.save(replace(TOKENS, access_token="new"))
    assert file.load() == TOKENS
    assert [path.name for path in file.path.parent.iterdir()] == [file.path.name]


def test_a_process_killed_while_writing_leaves_the_old_file_and_disconnecting_leaves_nothing(
    file: TokenFile,
) -> None:
    file.save(TOKENS)
    code = f"""
        import os, pathlib
        from dataclasses import replace
        from ingest.extract.api.tokens import TokenFile
        os.replace = lambda *_: os._exit(9)
        file = TokenFile(pathlib.Path({str(file.path)!r}))
        file.save(replace(file.load(), access_token="new"))
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], cwd=ROOT, check=False)
    assert done.returncode == 9
    assert file.load() == TOKENS
    assert len(list(file.path.parent.iterdir())) == 2
    assert file.remove()
    assert list(file.path.parent.iterdir()) == []


def test_removing_says_whether_there_was_a_file(file: TokenFile) -> None:
    file.save(TOKENS)
    assert file.remove()
    assert not file.remove()


@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", "null", '{"client_id": 7}', b"\xff\xfe", json.dumps({"client_id": "s3cret"})],
)
def test_a_damaged_file_is_named_but_not_quoted(file: TokenFile, content: str | bytes) -> None:
    file.path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(NotAuthorized) as caught:
        file.load()
    assert str(caught.value) == f"{file.path} is damaged; to replace it: python -m ingest connect"
    assert caught.value.__cause__ is None


def test_a_value_of_the_wrong_type_is_damage(file: TokenFile) -> None:
    file.save(TOKENS)
    stored = json.loads(file.path.read_text(encoding="utf-8"))
    for wrong in (
        {"access_token": None},
        {"scopes": [1]},
        {"scopes": None},
        {"expires_at": 5},
        {"athlete_id": "x"},
    ):
        file.path.write_text(json.dumps({**stored, **wrong}), encoding="utf-8")
        with pytest.raises(NotAuthorized, match="damaged"):
            file.load()


@NOT_ROOT
def test_a_file_that_may_not_be_read_says_so(file: TokenFile) -> None:
    file.save(TOKENS)
    file.path.chmod(0)
    with pytest.raises(NotAuthorized, match="cannot be read"):
        file.load()


def test_a_folder_in_the_place_of_the_file_says_so(file: TokenFile) -> None:
    file.path.mkdir()
    for deed in (file.load, file.remove, lambda: file.save(TOKENS)):
        with pytest.raises(
            NotAuthorized, match=r"\.strava-token\.json cannot be (read|deleted|written)"
        ):
            deed()


def test_no_secret_is_in_the_representation() -> None:
    assert not any(secret in repr(TOKENS) for secret in SECRETS)
    assert "Zoë" in repr(TOKENS)


def test_the_lock_lets_one_in_at_a_time(file: TokenFile) -> None:
    inside, most = [0], [0]

    def enter() -> None:
        with TokenFile(file.path).locked():
            inside[0] += 1
            most[0] = max(most[0], inside[0])
            threading.Event().wait(0.02)
            inside[0] -= 1

    threads = [threading.Thread(target=enter) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1]


def test_a_lock_that_is_held_for_long_says_who_waits_for_what(
    file: TokenFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tokens_module, "_PATIENCE_S", 0.1)
    said: list[str] = []

    def enter() -> None:
        try:
            with TokenFile(file.path).locked():
                pass
        except StravaUnavailable as err:
            said.append(str(err))

    with file.locked():
        thread = threading.Thread(target=enter)
        thread.start()
        thread.join()
    assert len(said) == 1
    assert f"{file.path}.lock" in said[0]


@NOT_ROOT
def test_a_lock_that_cannot_be_taken_says_so(file: TokenFile) -> None:
    file.path.parent.chmod(0o500)
    try:
        with pytest.raises(NotAuthorized, match="cannot be used"), file.locked():
            pass
    finally:
        file.path.parent.chmod(0o700)
