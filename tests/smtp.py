"""A mail server on loopback that keeps what it is handed, or refuses as it is told to."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any, cast

import pytest


class MailServer(socketserver.ThreadingTCPServer):
    """`letters` are whole e-mails; `answers` {b"RCPT": b"550 unknown"} replaces a command's 250."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Conversation)
        self.letters: list[EmailMessage] = []
        self.answers: dict[bytes, bytes] = {}
        self.open = threading.Event()
        self.open.set()

    @contextmanager
    def holding(self) -> Iterator[None]:
        """Let whoever connects wait for the greeting until the block is over."""
        self.open.clear()
        yield
        self.open.set()

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.server_address[1]}"


class Conversation(socketserver.StreamRequestHandler):
    """As much of RFC 5321 as smtplib speaks."""

    server: MailServer

    def handle(self) -> None:
        self.server.open.wait()
        self.say(b"220 test")
        while line := self.rfile.readline():
            command = line[:4].upper().strip()
            if command == b"DATA" and command not in self.server.answers:
                self.take_letter()
            else:
                self.say(self.server.answers.get(command, b"250 ok"))
            if command == b"QUIT":
                return

    def take_letter(self) -> None:
        self.say(b"354 go on")
        lines = iter(self.rfile.readline, b".\r\n")
        letter = message_from_bytes(b"".join(lines), policy=policy.default)
        self.server.letters.append(cast(EmailMessage, letter))
        self.say(b"250 taken")

    def say(self, line: bytes) -> None:
        self.wfile.write(line + b"\r\n")


@pytest.fixture
def mail(settings: Any) -> Iterator[MailServer]:
    """A running mail server that the settings name."""
    with MailServer() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        point_at(settings, server.url, server.server_address[1])
        yield server
        server.shutdown()
        thread.join()


def point_at(settings: Any, url: str, port: int) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_URL = url
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    settings.DEFAULT_FROM_EMAIL = "Alert Online <alert@example.pl>"
