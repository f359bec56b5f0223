"""The file of the password, and how often wrong ones can be tried."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ingest.errors import UsageError
from ingest.web.access.passwords import (
    OF_ALL,
    OF_ONE,
    WINDOW_S,
    Password,
    WrongPasswords,
    read_password,
)

SECRET = "correct horse battery"
HOME, STRANGER = "192.168.1.5", "198.51.100.7"


def written(folder: Path, content: bytes, mode: int = 0o600) -> Path:
    file = folder / "password of the page.txt"
    file.write_bytes(content)
    file.chmod(mode)
    return file


@pytest.mark.parametrize("end", ["", "\n", "\r\n", "\nanother line\n"])
def test_the_first_line_is_the_password(tmp_path: Path, end: str) -> None:
    password = read_password(written(tmp_path, f"{SECRET} ü{end}".encode()))
    assert password.is_same(f"{SECRET} ü")
    for other in ("", SECRET, f"{SECRET} ü\n", f" {SECRET} ü", "\ud800", "x" * 10_000):
        assert not password.is_same(other)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o622, 0o610])
def test_a_file_that_others_can_use_is_refused(tmp_path: Path, mode: int) -> None:
    file = written(tmp_path, SECRET.encode(), mode)
    with pytest.raises(UsageError) as caught:
        read_password(file)
    assert str(caught.value).endswith(f"chmod 600 '{file}'")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_a_file_that_only_its_owner_can_read_is_taken(tmp_path: Path) -> None:
    assert read_password(written(tmp_path, SECRET.encode(), 0o400)).is_same(SECRET)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "12 to 1,024 characters"),
        (b"\n" + SECRET.encode(), "12 to 1,024 characters"),
        (b"elevenchars\n", "12 to 1,024 characters"),
        (b"x" * 1025, "12 to 1,024 characters"),
        (b"\xff\xfe" + SECRET.encode("utf-16-le"), "no text in UTF-8"),
    ],
)
def test_what_is_no_good_password_is_refused_and_not_shown(
    tmp_path: Path, content: bytes, told: str
) -> None:
    with pytest.raises(UsageError, match=told) as caught:
        read_password(written(tmp_path, content))
    assert "elevenchars" not in str(caught.value)
    assert "correct" not in str(caught.value)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    for path in (tmp_path / "none.txt", tmp_path):
        with pytest.raises(UsageError, match="cannot be read"):
            read_password(path)


def test_digests_are_compared_in_constant_time(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    def compare(one: bytes, other: bytes) -> bool:
        asked.extend((len(one), len(other)))
        return True

    monkeypatch.setattr("hmac.compare_digest", compare)
    assert Password(SECRET).is_same("another")
    assert asked == [32, 32]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that the limit sees."""
    now = [1000.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    return now


def test_an_address_waits_after_some_wrong_ones_and_no_longer(clock: list[float]) -> None:
    wrong = WrongPasswords()
    for _ in range(OF_ONE):
        assert wrong.wait_s(STRANGER) == 0
        wrong.add(STRANGER)
        clock[0] += 10
    assert wrong.wait_s(STRANGER) == WINDOW_S - 10 * OF_ONE
    assert wrong.wait_s(HOME) == 0
    clock[0] += WINDOW_S - 10 * OF_ONE
    assert wrong.wait_s(STRANGER) == 0
    wrong.add(STRANGER)
    assert wrong.wait_s(STRANGER) == 10


def test_many_addresses_wait_together_but_not_one_that_knew_the_password(
    clock: list[float],
) -> None:
    wrong = WrongPasswords()
    wrong.trust(HOME)
    for n in range(OF_ALL):
        assert wrong.wait_s(f"198.51.100.{n}") == 0
        wrong.add(f"198.51.100.{n}")
    assert wrong.wait_s("203.0.113.1") == WINDOW_S
    assert wrong.wait_s(HOME) == 0
    for _ in range(OF_ONE):
        wrong.add(HOME)
    assert wrong.wait_s(HOME) == WINDOW_S
    clock[0] += WINDOW_S
    assert wrong.wait_s("203.0.113.1") == 0


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("fe80::1%eth0", "fe80::2", True),
        ("::ffff:192.168.1.5", "192.168.1.5", True),
        ("192.168.1.5", "192.168.1.6", False),
        ("", "no address", False),
    ],
)
def test_a_network_of_ipv6_is_one_address(one: str, other: str, is_same: bool) -> None:
    wrong = WrongPasswords()
    for _ in range(OF_ONE):
        wrong.add(one)
    assert (wrong.wait_s(other) > 0) == is_same
