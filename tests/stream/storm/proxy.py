"""A proxy that knows when a session commits or confirms, and kills its process at that very moment.

    stream's process ──▶ Proxy ──▶ PostgreSQL

Nothing in the stream knows of it. The points are seen in the protocol's messages: COMMIT on its way
to the server and its answer on the way back, and the status update that confirms a position.
"""

import socket
import struct
import threading
from collections.abc import Callable
from contextlib import suppress
from enum import StrEnum

from tests.support import free_port


class Point(StrEnum):
    """When to kill."""

    BEFORE_COMMIT = "before a commit"
    """The server has not seen it."""
    AFTER_COMMIT = "after a commit"
    """The server has done it, and the process does not know."""
    BEFORE_CONFIRM = "before a confirmation"
    AFTER_CONFIRM = "after a confirmation"


Kill = Callable[[str], None]
"""Kills the process whose session has this application name, at once."""


class Proxy:
    """Stands before one server."""

    def __init__(self, server_port: int, kill: Kill) -> None:
        self.port = free_port()
        self._server_port = server_port
        self._kill = kill
        self._lock = threading.Lock()
        self._armed: tuple[Point, str] | None = None
        self._hit = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self._accept, name="proxy", daemon=True).start()

    def strike(self, point: Point, application: str, within: float) -> bool:
        """Kill the process of the next session that comes to a point; return whether one did."""
        with self._lock:
            self._hit.clear()
            self._armed = (point, application)
        hit = self._hit.wait(within)
        with self._lock:
            self._armed = None
        return hit

    def close(self) -> None:
        """Let nobody in any more."""
        self._listener.close()

    def reached(self, point: Point, application: str) -> bool:
        """Kill if this is the moment; from a session."""
        with self._lock:
            if self._armed is None or self._armed[0] != point:
                return False
            if not application.startswith(self._armed[1]):
                return False
            self._armed = None
        self._kill(application)
        self._hit.set()
        return True

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client, suppress(OSError):
            server = socket.create_connection(("127.0.0.1", self._server_port))
            with server:
                _Session(self, client, server).run()


_ASKING = 8
"""The length of a request that asks for encryption; a startup message is longer."""


class _Struck(Exception):
    """The process of this session is dead."""


class _Session:
    def __init__(self, proxy: Proxy, client: socket.socket, server: socket.socket) -> None:
        self._proxy = proxy
        self._client = client
        self._server = server
        self._application = ""
        self._commits = {b"COMMIT"}
        self._confirmed = 0

    def run(self) -> None:
        first = self._client.recv(65536)
        while len(first) == _ASKING:
            # Whether TLS or GSSAPI is to be had: it is not.
            self._client.sendall(b"N")
            first = self._client.recv(65536)
        self._application = _application(first)
        self._server.sendall(first)
        back = threading.Thread(
            target=self._pump, args=(self._server, self._client, self._from_server), daemon=True
        )
        back.start()
        self._pump(self._client, self._server, self._from_client)
        back.join()

    def _pump(
        self, one: socket.socket, other: socket.socket, look: Callable[[int, bytes], Point | None]
    ) -> None:
        """Hand bytes on, message by message where there is something to see."""
        rest = b""
        with suppress(OSError, _Struck):
            while data := one.recv(1 << 18):
                buffer = rest + data
                done = self._handed_on(buffer, other, look)
                rest = buffer[done:]
        for end in (one, other):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def _handed_on(
        self, buffer: bytes, other: socket.socket, look: Callable[[int, bytes], Point | None]
    ) -> int:
        sent = position = 0
        while position + 5 <= len(buffer):
            end = position + 1 + int.from_bytes(buffer[position + 1 : position + 5])
            if end > len(buffer):
                break
            after = look(buffer[position], buffer[position + 5 : min(end, position + 600)])
            position = end
            if after:
                other.sendall(buffer[sent:position])
                sent = position
                self._strike(after)
        other.sendall(buffer[sent:position])
        return position

    def _from_client(self, kind: int, body: bytes) -> Point | None:
        match chr(kind):
            case "Q" if body.upper().startswith(b"COMMIT"):
                self._strike(Point.BEFORE_COMMIT)
            case "P":
                name, query, *_ = body.split(b"\0")
                if query.upper() == b"COMMIT":
                    self._commits.add(name)
            case "B" if body.split(b"\0")[1] in self._commits:
                self._strike(Point.BEFORE_COMMIT)
            case "d" if body[:1] == b"r":
                flushed = struct.unpack("!q", body[9:17])[0]
                if flushed > self._confirmed:
                    self._confirmed = flushed
                    self._strike(Point.BEFORE_CONFIRM)
                    return Point.AFTER_CONFIRM
        return None

    def _from_server(self, kind: int, body: bytes) -> Point | None:
        if chr(kind) == "C" and body.startswith(b"COMMIT"):
            self._strike(Point.AFTER_COMMIT)
        return None

    def _strike(self, point: Point) -> None:
        if self._proxy.reached(point, self._application):
            raise _Struck


def _application(startup: bytes) -> str:
    words = startup[8:].split(b"\0")
    pairs = dict(zip(words[::2], words[1::2], strict=False))
    return pairs.get(b"application_name", b"").decode()
