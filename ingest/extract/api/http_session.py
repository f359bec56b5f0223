"""Sends requests to Strava with a deadline, without redirects or credentials of ``.netrc``.

It also puts failures and Strava's refusals into words.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, partial
from typing import Any, Final
from urllib.parse import urlsplit

import requests
from urllib3.exceptions import HTTPError
from urllib3.exceptions import TimeoutError as SilentTooLong

from ingest.extract.api.answers import ORDINARY, Bound, UnfitAnswer, read_json, too_large
from ingest.extract.api.cutting import CuttingAdapter

#: Deadline of a whole request, in units of ``timeout_s``; that alone starts anew with every packet.
_WHOLE: Final = 2
#: Seconds for a request to notice that its connection was cut.
_FAREWELL_S: Final = 1.0
_PIECE: Final = 65_536


class WebSession(requests.Session):
    """A session of requests with a deadline; it never uses ``.netrc``.

    It follows no redirect, which would take the token along. It raises only
    ``requests.RequestException``. ``answer`` is the last request's answer, as far as it came.
    """

    def __init__(self, timeout_s: float) -> None:
        super().__init__()
        self.timeout_s = timeout_s
        self.answer: requests.Response | None = None
        # Without an ``auth`` of its own, requests puts .netrc's password in the place of our
        # Authorization header. ``trust_env = False`` would end that too, but proxies and
        # certificates of the environment with it.
        self.auth = _unchanged
        self._adapter = CuttingAdapter()
        for scheme in ("https://", "http://"):
            self.mount(scheme, self._adapter)

    def bound(self, _: str) -> Bound:
        """The largest answer that a URL may give."""
        return ORDINARY

    def request(
        self, method: str, url: str | bytes, *args: Any, **kwargs: Any
    ) -> requests.Response:
        """Send one request and read the answer to its end, or until the deadline."""
        kwargs |= {"timeout": self.timeout_s, "allow_redirects": False, "stream": True}
        send = partial(super().request, method, url, *args, **kwargs)
        exchange = _Exchange(send, self.bound(str(url)))
        self.answer = None
        # A thread, because nothing else ends a look-up of a name, connection attempts to one
        # address after another, or a header that comes byte by byte. A daemon thread, so that none
        # of these keeps the program from ending.
        thread = threading.Thread(target=exchange.run, daemon=True)
        thread.start()
        try:
            thread.join(_WHOLE * self.timeout_s)
        finally:
            self.answer = exchange.answer
            if thread.is_alive():
                exchange.is_late = True
                self._adapter.cut()
                thread.join(_FAREWELL_S)
        return exchange.result()


class _Exchange:
    """One request and its answer; ``run`` may continue after the caller has stopped waiting."""

    def __init__(self, send: Callable[[], requests.Response], bound: Bound) -> None:
        self._send, self._bound = send, bound
        self.answer: requests.Response | None = None
        #: Whether the caller has stopped waiting, so that the result does not matter any more.
        self.is_late = False
        self._error: BaseException | None = None

    def run(self) -> None:
        """Send the request and read the answer."""
        try:
            self._run()
        # These are urllib3's errors; requests translates only those it meets itself.
        except SilentTooLong as err:
            self._error = _caused(requests.ReadTimeout("the answer stopped coming"), err)
        except HTTPError as err:
            self._error = _caused(requests.ConnectionError("the answer broke off"), err)
        except BaseException as err:  # noqa: BLE001  # raised in the thread that waits
            self._error = err
        finally:
            if self.answer is not None:
                self.answer.close()

    def _run(self) -> None:
        self.answer = self._send()
        body = b"".join(_pieces(self.answer, self._bound))
        # Stores the body where requests keeps it; copying large streams again would take long.
        self.answer._content, self.answer._content_consumed = body, True
        # Parsed once, since stravalib asks for it twice.
        self.answer.json = cache(lambda: read_json(body, self._bound))  # type: ignore[method-assign]

    def result(self) -> requests.Response:
        """The whole answer; raises the error of the request, if there was one."""
        if self.is_late:
            raise requests.ReadTimeout("the answer came too slowly")
        if self._error is not None:
            raise self._error
        assert self.answer is not None
        return self.answer


def _caused(error: requests.RequestException, cause: BaseException) -> requests.RequestException:
    error.__cause__ = cause
    return error


def _unchanged(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def _pieces(answer: requests.Response, bound: Bound) -> Iterator[bytes]:
    # Packed twice, a kilobyte can unpack to a gigabyte.
    if "," in answer.headers.get("Content-Encoding", ""):
        raise UnfitAnswer("the answer is compressed more than once")
    size = 0
    while piece := answer.raw.read1(_PIECE, decode_content=True):
        size += len(piece)
        if size > bound.size:
            raise too_large(bound)
        yield piece


def what_failed(err: requests.RequestException, timeout_s: float) -> str:
    """A failed request in words, without the URL and the internals in the exception's own text."""
    if isinstance(err, UnfitAnswer):
        return str(err)
    if isinstance(err, requests.JSONDecodeError):
        return "the answer is no JSON"
    if isinstance(err, requests.Timeout):
        return f"no complete answer in time (STRAVA_API_TIMEOUT is {timeout_s:g} s)"
    if isinstance(err, requests.exceptions.ProxyError):
        return "the proxy that the environment names (HTTPS_PROXY or the like) does not answer"
    if isinstance(err, requests.exceptions.SSLError):
        return "the certificate of the server cannot be trusted"
    if isinstance(err, requests.exceptions.InvalidURL):
        return "the address is no URL"
    if isinstance(err, requests.HTTPError):
        return "the answer holds an error, although its status says success"
    return "the connection failed or broke off"


@dataclass(frozen=True, slots=True, kw_only=True)
class Complaint:
    """One entry of ``errors`` in a refusal: what is wrong (``code``), and with which field."""

    resource: str
    field: str
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """What Strava says when it refuses."""

    status: int
    message: str
    complaints: tuple[Complaint, ...]

    def about(self, field: str) -> bool:
        """Whether a complaint is about this field, or this resource."""
        return any(field in (complaint.field, complaint.resource) for complaint in self.complaints)

    def __str__(self) -> str:
        details = "; ".join(f"{c.resource} {c.field} {c.code}".strip() for c in self.complaints)
        return f"{self.status} {self.message}" + (f" ({details})" if details else "")


def read_refusal(answer: requests.Response) -> Refusal:
    """The refusal in an answer, whether its body is Strava's JSON, a web server's page or empty."""
    try:
        body = answer.json()
    except (requests.JSONDecodeError, UnfitAnswer):
        body = None
    body = body if isinstance(body, dict) else {}
    errors = body.get("errors")
    entries = errors if isinstance(errors, list) else [errors]
    return Refusal(
        status=answer.status_code,
        message=_word(body.get("message")) or _word(answer.reason),
        complaints=tuple(_complaint(entry) for entry in entries if isinstance(entry, dict)),
    )


def _complaint(entry: dict[str, Any]) -> Complaint:
    return Complaint(
        resource=_word(entry.get("resource")),
        field=_word(entry.get("field")),
        code=_word(entry.get("code")),
    )


def _word(value: object) -> str:
    # The word is shown in a terminal, and the server may not be Strava's.
    return (
        "".join(letter for letter in value[:200] if letter.isprintable())
        if isinstance(value, str)
        else ""
    )


def host(url: str) -> str:
    """The part of a URL that messages show."""
    return urlsplit(url).netloc.rpartition("@")[2]
