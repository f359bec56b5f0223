"""Under which Host headers the page may be reached."""

from __future__ import annotations

import pytest

from ingest.errors import UsageError
from ingest.web.access.hosts import Hosts, checked_names, names_of_this_machine

LOCAL = ["127.0.0.1", "127.0.0.1:8724", "localhost:1", "LOCALHOST", "[::1]", "[::1]:8724"]
ADDRESSES = ["192.168.1.5", "192.168.1.5:8724", "[fe80::1]:8724", "8.8.8.8"]
#: What is no host, or the name of nobody.
FOREIGN = [
    "",
    "evil.example",
    "evil.example:8724",
    "127.0.0.1.evil.example",
    "127.0.0.1@evil.example",
    "127.0.0.1:1/healthz?",
    "127.0.0.1:",
    "127.0.0.1:123456",
    "localhost ",
    "localhost\n",
    "[::1",
    "::1",
    "[127.0.0.1]x",
    "nas.evil.example",
    "2130706433.",
    "strava.example.org.",
]


@pytest.mark.parametrize("header", LOCAL)
def test_this_machine_is_known_in_each_way(header: str) -> None:
    assert Hosts().has(header)


@pytest.mark.parametrize("header", [*FOREIGN, *ADDRESSES, "nas", "strava.example.org"])
def test_alone_the_page_knows_only_this_machine(header: str) -> None:
    assert not Hosts().has(header)


@pytest.mark.parametrize("header", [*LOCAL, *ADDRESSES, "nas", "NAS:8724"])
def test_beyond_it_addresses_are_known_and_names_that_it_was_told(header: str) -> None:
    assert Hosts(names=frozenset({"nas"}), is_open=True).has(header)


@pytest.mark.parametrize("header", FOREIGN)
def test_beyond_it_another_name_is_foreign(header: str) -> None:
    names = frozenset({"nas", "strava.example.org"})
    assert not Hosts(names=names, is_open=True).has(header)


def test_an_allowed_name_is_known_without_its_capitals() -> None:
    assert Hosts(names=checked_names(["Strava.Example.org"])).has("strava.example.ORG:443")


@pytest.mark.parametrize("name", ["https://a.example", "a.example:443", "", "*", "ä.example"])
def test_what_is_no_name_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="--allowed-host"):
        checked_names([name])


def test_this_machine_has_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("socket.gethostname", lambda: "NAS.home.arpa")
    assert names_of_this_machine() == {"nas.home.arpa", "nas.local"}
