"""A server of ready pages in a process of its own, so that only the client is measured.

    python -m tests.benchmarks.server COUNT PER_CENT LATENCY_MS

It answers `POST /graphql` as Wave and `GET /pms/customers` as a PMS, and prints its port when it listens.
"""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from subprocess import PIPE, Popen

from tests.benchmarks.measuring import ROOT
from tests.benchmarks.workload import PAGE_SIZE, pms_edits, pms_page, pms_row, wave_edits, wave_node, wave_page

_HEAD = (
    b"HTTP/1.1 200 OK\r\nDate: Sun, 01 Mar 2026 12:00:00 GMT\r\n"
    b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n"
)
_KEPT = 1_000  # pages made beforehand; more would take gigabytes, so those are made when they are asked for
_WAVE_PAGE = re.compile(rb'"page"\s*:\s*(\d+)')
_PMS_PAGE = re.compile(rb"[?&]page=(\d+)")
_LENGTH = re.compile(rb"\r\ncontent-length:\s*(\d+)", re.IGNORECASE)


class Pages:
    """The answers of both sides, by page."""

    def __init__(self, count: int, percent: int) -> None:
        self.count, self.percent, self.pages = count, percent, -(-count // PAGE_SIZE)
        kept = self.pages if self.pages <= _KEPT else 1
        self.wave: Callable[[int], bytes] = lru_cache(kept)(self._wave)
        self.pms: Callable[[int], bytes] = lru_cache(kept)(self._pms)
        for number in range(1, kept + 1):
            self.wave(number)
            self.pms(number)

    def _places(self, number: int) -> range:
        return range((number - 1) * PAGE_SIZE, min(number * PAGE_SIZE, self.count))

    def _wave(self, number: int) -> bytes:
        rows = [wave_node(i, wave_edits(i, self.percent)) for i in self._places(number)]
        return _answer(wave_page(rows, number, self.pages, self.count))

    def _pms(self, number: int) -> bytes:
        rows = [pms_row(i, pms_edits(i, self.percent)) for i in self._places(number)]
        return _answer(pms_page(rows, number, self.pages, self.count))


def _answer(body: bytes) -> bytes:
    return _HEAD % len(body) + body


class Connection(asyncio.Protocol):
    """One client's connection, on raw bytes: a page costs it some tens of microseconds."""

    def __init__(self, pages: Pages, latency_s: float) -> None:
        self.pages, self.latency_s, self.held = pages, latency_s, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way back."""
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer every whole request."""
        self.held += data
        while (end := self.held.find(b"\r\n\r\n")) >= 0:
            length = _LENGTH.search(self.held, 0, end + 2)
            whole = end + 4 + (int(length[1]) if length else 0)
            if len(self.held) < whole:
                return
            request, self.held = self.held[:whole], self.held[whole:]
            self._answer(request)

    def _answer(self, request: bytes) -> None:
        asks_wave = request.startswith(b"POST")
        found = _WAVE_PAGE.search(request) if asks_wave else _PMS_PAGE.search(request)
        number = int(found[1]) if found else 1
        answer = self.pages.wave(number) if asks_wave else self.pages.pms(number)
        if self.latency_s:
            asyncio.get_running_loop().call_later(self.latency_s, self.transport.write, answer)
        else:
            self.transport.write(answer)


async def _serve(pages: Pages, latency_s: float) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(pages, latency_s), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


@contextmanager
def serving(count: int, percent: int = 0, latency_ms: float = 0) -> Iterator[int]:
    """A running server; gives its port."""
    command = [sys.executable, "-m", __name__, str(count), str(percent), str(latency_ms)]
    with Popen(command, stdout=PIPE, text=True, cwd=ROOT) as process:
        try:
            yield int(process.stdout.readline())
        finally:
            process.terminate()


if __name__ == "__main__":
    _count, _percent, _latency_ms = sys.argv[1:]
    asyncio.run(_serve(Pages(int(_count), int(_percent)), float(_latency_ms) / 1000))
