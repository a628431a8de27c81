"""Many HTTP requests in flight from one thread, over connections that are kept: libcurl's multi.

Knows nothing of FCM. Why libcurl and HTTP/1.1: docs/decisions/0007-libcurl-carries-the-pushes.md.
What holds for every request:

* TLS is verified, against settings.FCM_CA_BUNDLE where it is set, else certifi's authorities.
* HTTPS_PROXY and NO_PROXY are honoured (libcurl reads them); redirects are not followed.
* Connecting ends after CONNECT_TIMEOUT_S, the whole request after `timeout_s`, however slowly or
  endlessly the other side answers; more than BODY_MAX_BYTES of an answer are not read.
* A request that surely never left is repeated at once: libcurl does that when a kept connection
  turns out to be dead. It would also repeat what it had sent and got no answer to, which could
  double a message; `_Slot.seek` refuses to rewind, so that this ends as LOST instead.
"""

import select
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

import certifi
import pycurl
from django.conf import settings

CONNECT_TIMEOUT_S = 10
BODY_MAX_BYTES = 64 * 1024
EVENTS_AT_ONCE = 256
_EPOLL = {
    pycurl.POLL_IN: select.EPOLLIN,
    pycurl.POLL_OUT: select.EPOLLOUT,
    pycurl.POLL_INOUT: select.EPOLLIN | select.EPOLLOUT,
}


class Failure(Enum):
    """Why there is no answer, and whether the other side may have seen the request."""

    UNREACHED = "unreached"  # no byte of its body left this machine
    TIMEOUT = "timeout"
    LOST = "lost"  # the connection broke, or the answer made no sense as HTTP

    @property
    def is_ambiguous(self) -> bool:
        return self is not Failure.UNREACHED


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. `status` 0: nothing did, and `failure` says what is known."""

    status: int
    body: bytes = b""
    retry_after_s: float | None = None
    failure: Failure | None = None


class PushHttp:
    """Up to `in_flight` POST requests at a time, each on a connection of its own that is kept."""

    def __init__(self, *, in_flight: int, timeout_s: float) -> None:
        self._multi = pycurl.CurlMulti()
        self._multi.setopt(pycurl.M_MAXCONNECTS, in_flight)
        self._multi.setopt(pycurl.M_MAX_TOTAL_CONNECTIONS, in_flight)
        self._multi.setopt(pycurl.M_SOCKETFUNCTION, self._watch)
        self._multi.setopt(pycurl.M_TIMERFUNCTION, self._set_timer)
        self._epoll = select.epoll()
        self._watched: set[int] = set()
        self._due: float | None = None  # time.monotonic() at which libcurl wants to be called
        slots = [_Slot(timeout_s) for _ in range(in_flight)]
        self._slots = {slot.curl: slot for slot in slots}
        self._free = slots
        self._busy: dict[pycurl.Curl, _Slot] = {}

    @property
    def room(self) -> int:
        """How many requests may begin now."""
        return len(self._free)

    def begin(self, url: str, headers: Sequence[str], body: bytes, tag: object) -> None:
        """Start a POST; `collect` brings its answer with `tag`. Needs `room`."""
        slot = self._free.pop()
        slot.load(url, headers, body, tag)
        self._busy[slot.curl] = slot
        self._multi.add_handle(slot.curl)

    def collect(self, wait_s: float) -> list[tuple[Any, Answer]]:
        """Let bytes flow for up to `wait_s` seconds, less once something has ended: its answers."""
        self._turn(wait_s)
        ended: list[tuple[Any, Answer]] = []
        left = 1
        while left:
            left, good, bad = self._multi.info_read()
            ended += [self._end(curl, 0) for curl in good]
            ended += [self._end(curl, error) for curl, error, _words in bad]
        return ended

    def abandon(self) -> list[Any]:
        """Drop every request that has no answer yet, with its connection; their tags."""
        dropped = list(self._busy.values())
        for slot in dropped:
            self._put_back(slot)
        return [slot.tag for slot in dropped]

    def close(self) -> None:
        self.abandon()
        for slot in self._slots.values():
            slot.curl.close()
        self._multi.close()
        self._epoll.close()

    def _turn(self, wait_s: float) -> None:
        """One wait for sockets, or for libcurl's own timer, and what follows from it."""
        if self._due is not None:
            wait_s = min(wait_s, max(self._due - time.monotonic(), 0))
        for fd, events in self._epoll.poll(wait_s, EVENTS_AT_ONCE):
            self._multi.socket_action(fd, _as_curl(events))
        if self._due is not None and time.monotonic() >= self._due:
            self._due = None
            self._multi.socket_action(pycurl.SOCKET_TIMEOUT, 0)

    def _end(self, curl: pycurl.Curl, error: int) -> tuple[Any, Answer]:
        slot = self._busy[curl]
        answer = slot.answer() if error == 0 else slot.failed(error)
        self._put_back(slot)
        return slot.tag, answer

    def _put_back(self, slot: "_Slot") -> None:
        del self._busy[slot.curl]
        self._multi.remove_handle(slot.curl)
        self._free.append(slot)

    def _watch(self, what: int, fd: int, _multi: object, _data: object) -> None:
        """libcurl: which socket it waits for, and for what."""
        if what == pycurl.POLL_REMOVE:
            if fd in self._watched:
                self._watched.discard(fd)
                self._epoll.unregister(fd)
        elif fd in self._watched:
            self._epoll.modify(fd, _EPOLL[what])
        else:
            self._watched.add(fd)
            self._epoll.register(fd, _EPOLL[what])

    def _set_timer(self, milliseconds: int) -> None:
        """libcurl: when it wants to be called though no socket stirs; -1: never."""
        self._due = None if milliseconds < 0 else time.monotonic() + milliseconds / 1000


class _Slot:
    """One easy handle and the request that is on it; used again and again."""

    __slots__ = ("_body", "_headers", "_received", "_sent", "_size", "_url", "curl", "tag")

    def __init__(self, timeout_s: float) -> None:
        self.curl = _handle(timeout_s)
        self.curl.setopt(pycurl.POST, 1)
        self.curl.setopt(pycurl.READFUNCTION, self.read)
        self.curl.setopt(pycurl.SEEKFUNCTION, self.seek)
        self.curl.setopt(pycurl.WRITEFUNCTION, self.write)
        self._url: str = ""
        self._headers: Sequence[str] = ()

    def load(self, url: str, headers: Sequence[str], body: bytes, tag: object) -> None:
        if url is not self._url:
            self.curl.setopt(pycurl.URL, url)
            self._url = url
        if headers is not self._headers:
            self.curl.setopt(pycurl.HTTPHEADER, list(headers))
            self._headers = headers
        self.curl.setopt(pycurl.POSTFIELDSIZE, len(body))
        self._body, self._sent = body, 0
        self._received: list[bytes] = []
        self._size = 0
        self.tag = tag

    def read(self, size: int) -> bytes:
        """libcurl: the next bytes of the request's body."""
        piece = self._body[self._sent : self._sent + size]
        self._sent += len(piece)
        return piece

    def seek(self, offset: int, _origin: int) -> int:
        """libcurl: begin the body anew. What has left may have arrived, so only before that."""
        return int(pycurl.SEEKFUNC_OK if offset == self._sent else pycurl.SEEKFUNC_FAIL)

    def write(self, piece: bytes) -> int | None:
        """libcurl: a piece of the answer; -1 ends the request."""
        self._size += len(piece)
        if self._size > BODY_MAX_BYTES:
            return -1
        self._received.append(piece)
        return None

    def answer(self) -> Answer:
        status = self.curl.getinfo(pycurl.RESPONSE_CODE)
        after = self.curl.getinfo(pycurl.RETRY_AFTER) if status >= 400 else 0
        return Answer(status, b"".join(self._received), after or None)

    def failed(self, error: int) -> Answer:
        if self._sent == 0:
            return Answer(0, failure=Failure.UNREACHED)
        timed_out = error == pycurl.E_OPERATION_TIMEDOUT
        return Answer(0, failure=Failure.TIMEOUT if timed_out else Failure.LOST)


def request(
    method: str,
    url: str,
    *,
    headers: Sequence[str] = (),
    body: bytes | None = None,
    timeout_s: float,
    give_up: Callable[[], bool],
) -> Answer:
    """One request by itself, waited for; `give_up` is asked about once a second."""
    curl = _handle(timeout_s)
    received: list[bytes] = []
    try:
        curl.setopt(pycurl.URL, url)
        curl.setopt(pycurl.CUSTOMREQUEST, method)
        curl.setopt(pycurl.HTTPHEADER, list(headers))
        if body is not None:
            curl.setopt(pycurl.POSTFIELDS, body)
        curl.setopt(pycurl.WRITEFUNCTION, received.append)
        curl.setopt(pycurl.MAXFILESIZE, BODY_MAX_BYTES)
        curl.setopt(pycurl.NOPROGRESS, 0)
        curl.setopt(pycurl.XFERINFOFUNCTION, lambda *_sizes: give_up())
        curl.perform()
        return Answer(curl.getinfo(pycurl.RESPONSE_CODE), b"".join(received))
    except pycurl.error as error:
        timed_out = error.args[0] == pycurl.E_OPERATION_TIMEDOUT
        return Answer(0, failure=Failure.TIMEOUT if timed_out else Failure.LOST)
    finally:
        curl.close()


def ca_bundle() -> str:
    """The file of authorities that servers are verified against."""
    return settings.FCM_CA_BUNDLE or certifi.where()


def _handle(timeout_s: float) -> pycurl.Curl:
    """What every request of this module shares."""
    curl = pycurl.Curl()
    curl.setopt(pycurl.HTTP_VERSION, pycurl.CURL_HTTP_VERSION_1_1)
    curl.setopt(pycurl.NOSIGNAL, 1)
    curl.setopt(pycurl.CONNECTTIMEOUT, CONNECT_TIMEOUT_S)
    curl.setopt(pycurl.TIMEOUT_MS, int(timeout_s * 1000))
    for option in (pycurl.CAINFO, pycurl.PROXY_CAINFO):
        curl.setopt(option, ca_bundle())
    return curl


def _as_curl(events: int) -> int:
    """epoll's events in libcurl's words."""
    readable = events & (select.EPOLLIN | select.EPOLLHUP | select.EPOLLERR)
    writable = events & select.EPOLLOUT
    return (pycurl.CSELECT_IN if readable else 0) | (pycurl.CSELECT_OUT if writable else 0)
