"""Servers that mean harm: what they send is written to the socket as it is."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from wave_pms_sync import CustomPmsClient, PmsProfile, Unlimited
from wave_pms_sync.http.messages import Request
from wave_pms_sync.http.retry import RetryPolicy

CERTIFICATE = Path(__file__).with_name("self_signed.pem")
ONCE = RetryPolicy(attempts=1, first_wait_s=0, budget_s=5)


class Villain:
    """A server on loopback. Each connection is read up to the end of the headers and then left to `harm`.

    Attributes:
        url: Where it listens.
        heard: The head of each request, as text.
    """

    def __init__(self, harm: Callable[[socket.socket], object], *, tls: bool) -> None:
        self.heard: list[str] = []
        self._harm, self._tls = harm, tls
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = []
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self._listener.getsockname()[1]}"
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def _listen(self) -> None:
        with suppress(OSError):
            while True:
                peer, _ = self._listener.accept()
                self._open.append(peer)
                threading.Thread(target=self._meet, args=(peer,), daemon=True).start()

    def _meet(self, peer: socket.socket) -> None:
        with suppress(OSError), peer:
            if self._tls:
                context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                context.load_cert_chain(CERTIFICATE)
                peer = context.wrap_socket(peer, server_side=True)
            head = b""
            while b"\r\n\r\n" not in head:
                came = peer.recv(65536)
                if not came:
                    return
                head += came
            self.heard.append(head.decode("latin-1"))
            with peer:
                self._harm(peer)

    def stop(self) -> None:
        """Hang up on everybody."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for peer in self._open:
            with suppress(OSError):
                peer.shutdown(socket.SHUT_RDWR)
        self._thread.join(5)


@pytest.fixture
def villain() -> Iterator[Callable[..., Villain]]:
    """Starts servers that do harm."""
    with ExitStack() as stack:

        def start(harm: Callable[[socket.socket], object], *, tls: bool = False) -> Villain:
            made = Villain(harm, tls=tls)
            stack.callback(made.stop)
            return made

        yield start


@pytest.fixture
def answering(villain: Callable[..., Villain]) -> Callable[..., Villain]:
    """Starts servers that give one answer to everybody: a body, as JSON, and further header lines."""

    def start(body: bytes, *headers: str, status: str = "200 OK") -> Villain:
        lines = ["HTTP/1.1 " + status, "Content-Type: application/json", f"Content-Length: {len(body)}", *headers]
        answer = "\r\n".join([*lines, "Connection: close", "", ""]).encode("latin-1") + body
        return villain(lambda peer: peer.sendall(answer))

    return start


@pytest.fixture
def client() -> Iterator[Callable[..., CustomPmsClient]]:
    """Makes clients of a PMS that try everything once."""
    with ExitStack() as stack:

        def make(url: str, settings: dict[str, object] | None = None, **changes: object) -> CustomPmsClient:
            facts = {"token": "canary-token", "retry": ONCE, "pace": Unlimited(), "timeout_s": 3.0}
            profile = PmsProfile.from_dict(settings or {})
            return stack.enter_context(CustomPmsClient(url, profile=profile, **{**facts, **changes}))

        yield make


@pytest.fixture
def ask() -> Callable[..., Request]:
    """Builds requests of ours."""

    def make(url: str, **changes: object) -> Request:
        facts = {"method": "GET", "url": url, "side": "pms", "operation": "read_customer", "writes": False}
        return Request(**{**facts, **changes})

    return make
