"""Servers on loopback that behave as badly as a test wants: over TLS, and a proxy before them."""

import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Connection = Any  # a socket, of TLS or not


@dataclass
class Seen:
    """What came to a server: connections, and each request's first line and body."""

    connections: int = 0
    lines: list[str] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)


# Answers one request; False ends the connection.
Behave = Callable[[Connection, Seen], bool]


@contextmanager
def serving(behave: Behave, folder: Path | None = None) -> Iterator[tuple[str, Seen]]:
    """A server's address and what it sees. `folder` holds server.pem and .key; None: no TLS."""
    seen = Seen()
    context = None
    if folder is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(folder / "server.pem", folder / "server.key")

    def talk(raw: socket.socket) -> None:
        seen.connections += 1
        with suppress(OSError), raw:
            connection = context.wrap_socket(raw, server_side=True) if context else raw
            with connection:
                while _read_request(connection, seen) and behave(connection, seen):
                    pass

    with _listening(talk) as port:
        yield f"{'https' if context else 'http'}://127.0.0.1:{port}", seen


@contextmanager
def proxying() -> Iterator[tuple[str, Seen]]:
    """An HTTP proxy that tunnels (CONNECT): its address and what it was asked for."""
    seen = Seen()

    def talk(client: socket.socket) -> None:
        seen.connections += 1
        with suppress(OSError), client:
            if not _read_request(client, seen):
                return
            host, port = seen.lines[-1].split()[1].rsplit(":", 1)
            with socket.create_connection((host, int(port))) as server:
                client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                back = threading.Thread(target=_pump, args=(server, client), daemon=True)
                back.start()
                _pump(client, server)
                back.join(5)

    with _listening(talk) as port:
        yield f"http://127.0.0.1:{port}", seen


def answer(connection: Connection, body: bytes, *, status: str = "200 OK", head: str = "") -> bool:
    """A whole HTTP answer; `head` are further header lines, each ended by CRLF."""
    length = f"Content-Length: {len(body)}\r\n"
    connection.sendall(f"HTTP/1.1 {status}\r\n{length}{head}\r\n".encode() + body)
    return True


def reset(connection: Connection) -> bool:
    """Cut the connection with a TCP reset."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    return False


def _read_request(connection: Connection, seen: Seen) -> bool:
    """Read one request; False where the other side has ended."""
    data = b""
    while b"\r\n\r\n" not in data:
        piece = connection.recv(65536)
        if not piece:
            return False
        data += piece
    head, _end, body = data.partition(b"\r\n\r\n")
    fields = [line.split(b":", 1) for line in head.split(b"\r\n")[1:]]
    length = next((int(value) for name, value in fields if name.lower() == b"content-length"), 0)
    while len(body) < length:
        body += connection.recv(65536)
    seen.lines.append(head.split(b"\r\n")[0].decode())
    seen.bodies.append(body)
    return True


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while piece := source.recv(65536):
            sink.sendall(piece)
        sink.shutdown(socket.SHUT_WR)


@contextmanager
def _listening(talk: Callable[[socket.socket], None]) -> Iterator[int]:
    """A port of loopback on which each connection is handed to `talk` in a thread of its own."""
    with socket.create_server(("127.0.0.1", 0), backlog=300) as listener:

        def accept() -> None:
            with suppress(OSError):
                while True:
                    connection, _address = listener.accept()
                    threading.Thread(target=talk, args=(connection,), daemon=True).start()

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join(5)
