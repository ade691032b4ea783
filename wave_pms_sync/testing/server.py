"""The plumbing: HTTP/1.1 with keep-alive on a free port of 127.0.0.1, one thread for each connection."""

from __future__ import annotations

import json
import socket
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from socketserver import ThreadingTCPServer
from urllib.parse import parse_qsl, unquote, urlsplit

from attrs import field, frozen

__all__ = ["Call", "LoopbackServer", "Reply", "json_body"]

_STOPPING_S = 2.0
_POLL_S = 0.02


@frozen(kw_only=True)
class Call:
    """One HTTP request as it arrived. Header names are in lower case; of a repeated query name the last counts.

    The path is unescaped; `raw_path` is as it came, where a slash inside a name is still told from one between names.
    """

    method: str
    path: str
    raw_path: str = ""
    query: Mapping[str, str] = field(factory=dict)
    headers: Mapping[str, str] = field(factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)


@frozen(kw_only=True)
class Reply:
    """One HTTP answer.

    Attributes:
        status: The HTTP status; 0 closes the connection without an answer.
        body: As sent.
        headers: Beside Content-Length.
        slow_s: Spread the body over so many seconds.
        held_back: Announce the whole body, but close the connection so many bytes before its end.
    """

    status: int
    body: bytes = field(default=b"", repr=False)
    headers: tuple[tuple[str, str], ...] = ()
    slow_s: float = 0.0
    held_back: int = 0


def json_body(value: object) -> bytes:
    """A JSON text in UTF-8; what cannot be UTF-8 (half a surrogate pair) is escaped."""
    try:
        return json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return json.dumps(value).encode()


class _Connection(BaseHTTPRequestHandler):
    """One client's connection. Requests are answered by the server's `answer`."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Listener

    def handle_one_request(self) -> None:
        """Read a request, answer it, and stay for the next one."""
        self.raw_requestline = self.rfile.readline(65537)
        if not self.raw_requestline:
            self.close_connection = True
        elif self.parse_request():
            length = self.headers.get("content-length") or "0"
            if not length.isdecimal() or "transfer-encoding" in self.headers:
                self.send_error(411)
            else:
                self._send(self.server.answer(self._call(int(length))))

    def _call(self, length: int) -> Call:
        parts = urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = self.rfile.read(length)
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        path = unquote(parts.path)
        return Call(method=self.command, path=path, raw_path=parts.path, query=query, headers=headers, body=body)

    def _send(self, reply: Reply) -> None:
        if reply.status == 0:
            self.close_connection = True
            return
        cut = len(reply.body) - reply.held_back if reply.held_back else len(reply.body)
        body = b"" if self.command == "HEAD" else reply.body[: max(cut, 0)]
        head = self._head(reply)
        if reply.slow_s and body:
            self._send_slowly(head, body, reply.slow_s)
        else:
            self.wfile.write(head + body)
        if reply.held_back:
            self.close_connection = True

    def _head(self, reply: Reply) -> bytes:
        lines = [f"HTTP/1.1 {reply.status} {_PHRASES.get(reply.status, 'Unknown')}"]
        lines += [f"{name}: {value}" for name, value in reply.headers]
        if reply.status not in (204, 304):
            lines.append(f"Content-Length: {len(reply.body)}")
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")

    def _send_slowly(self, head: bytes, body: bytes, seconds: float) -> None:
        self.wfile.write(head)
        step = max(1, len(body) // 5)
        pieces = [body[i : i + step] for i in range(0, len(body), step)]
        for piece in pieces:
            self.server.pause(seconds / len(pieces))
            self.wfile.write(piece)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """A request that is not HTTP: answer briefly and hang up."""
        self.close_connection = True
        self._send(Reply(status=code, headers=(("Connection", "close"),)))


_PHRASES = {status.value: status.phrase for status in HTTPStatus}


class _Listener(ThreadingTCPServer):
    """Accepts connections and remembers them, so that stopping can hang up on all of them."""

    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True
    request_queue_size = 128

    def __init__(
        self, port: int, answer: Callable[[Call], Reply], pause: Callable[[float], None], accidents: list[BaseException]
    ) -> None:
        self.answer = answer
        self.pause = pause
        self._accidents = accidents
        self._open: set[socket.socket] = set()
        self._changed = threading.Condition()
        super().__init__(("127.0.0.1", port), _Connection)

    def get_request(self) -> tuple[socket.socket, object]:
        """Accept a connection."""
        connection, address = super().get_request()
        with self._changed:
            self._open.add(connection)
        return connection, address

    def shutdown_request(self, request: socket.socket) -> None:  # type: ignore[override]  # ours are TCP sockets only
        """Close a connection."""
        super().shutdown_request(request)
        with self._changed:
            self._open.discard(request)
            self._changed.notify_all()

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients may hang up at any time; everything else is a fault of the sandbox and is kept."""
        error = sys.exc_info()[1]
        if error is not None and not isinstance(error, ConnectionError):
            self._accidents.append(error)

    def hang_up(self, stopped: threading.Event) -> None:
        """Close every connection, wake those who pause, and wait for their threads."""
        with self._changed:
            for connection in self._open:
                _shut(connection)
            stopped.set()
            self._changed.wait_for(lambda: not self._open, timeout=_STOPPING_S)


def _shut(connection: socket.socket) -> None:
    with suppress(OSError):  # the client may have been faster
        connection.shutdown(socket.SHUT_RDWR)


class LoopbackServer:
    """An HTTP server on 127.0.0.1 that hands every request to one function.

    Args:
        port: 0 takes a free one at the first start, and keeps it for later starts.

    Attributes:
        accidents: What `answer` raised; the connection was closed then.
    """

    def __init__(self, port: int = 0) -> None:
        self.accidents: list[BaseException] = []
        self._port = port
        self._stopped = threading.Event()
        self._listener: _Listener | None = None

    @property
    def origin(self) -> str:
        """`http://127.0.0.1:PORT`, known from the first start on."""
        if not self._port:
            raise RuntimeError("the sandbox has no address before it is started; use it in a with statement")
        return f"http://127.0.0.1:{self._port}"

    def start(self, answer: Callable[[Call], Reply]) -> None:
        """Listen. Starting a running server does nothing.

        Args:
            answer: Called in many threads at once.
        """
        if self._listener is None:
            self._stopped.clear()
            self._listener = _Listener(self._port, answer, self.pause, self.accidents)
            self._port = self._listener.server_address[1]
            threading.Thread(
                target=self._listener.serve_forever, args=(_POLL_S,), name=f"sandbox-{self._port}", daemon=True
            ).start()

    def stop(self) -> None:
        """Hang up and stop listening; new connections are refused. Stopping twice is once."""
        listener, self._listener = self._listener, None
        if listener is not None:
            listener.shutdown()
            listener.server_close()
            listener.hang_up(self._stopped)

    def raise_accident(self) -> None:
        """Raise what went wrong inside the sandbox, or in a hook, if anything did.

        Raises:
            RuntimeError: With the first accident as its cause.
        """
        if self.accidents:
            first = self.accidents[0]
            self.accidents.clear()
            raise RuntimeError(f"the sandbox failed while answering: {first!r}") from first

    def pause(self, seconds: float) -> None:
        """Sleep in a handler.

        Raises:
            ConnectionAbortedError: The server stopped meanwhile; the request is not to be executed.
        """
        if self._stopped.wait(seconds):
            raise ConnectionAbortedError("the sandbox was stopped")
