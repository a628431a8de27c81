"""GUS's web service TERYT ws1, which has each register of any day and what changed between two.

SOAP 1.1 with WS-Addressing and a WS-Security user name, of which GUS gives one to whoever asks.
Source: https://api.stat.gov.pl/Home/TerytApi. Reached only where TERYT_WS1_USER is set.
"""

import base64
import binascii
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests
from django.conf import settings
from django.utils.translation import gettext as _
from lxml.etree import LxmlError
from zeep import Client, Settings, Transport
from zeep.exceptions import Error, Fault
from zeep.wsse.username import UsernameToken

from teryt.errors import Ws1Failed, Ws1NotConfigured

LOOPBACK = {"127.0.0.1", "::1", "localhost"}
# A whole register is one text node of some 10 MB, more than libxml2 takes unless told.
XML = Settings(xml_huge_tree=True, forbid_dtd=True)


class Ws1:
    """The operations that we need; `register` is TERC, SIMC or ULIC, the official version.

    Each raises Ws1Failed. The files are what load.load_files takes.
    """

    def __init__(self, client: Client) -> None:
        self.client = client

    def state_on(self, register: str) -> date:
        """The day that the register's current state is of."""
        answer = self._call(f"PobierzDateAktualnegoKat{register.capitalize()}")
        if not isinstance(answer, date):
            raise failed(_("its answer has no date"))
        return answer.date() if isinstance(answer, datetime) else answer

    def whole(self, register: str, on: date, path: Path) -> None:
        """The register as of that day into a new file, a zip."""
        self._save(self._call(f"PobierzKatalog{register}", DataStanu=moment(on)), path)

    def changes(self, register: str, since: date, until: date, path: Path) -> None:
        """What made of the first day's register the second's, into a new file, a zip."""
        operation = f"PobierzZmiany{register.capitalize()}Urzedowy"
        self._save(self._call(operation, stanod=moment(since), stando=moment(until)), path)

    def _call(self, operation: str, **values: Any) -> Any:
        with told():
            return self.client.service[operation](**values)

    def _save(self, answer: Any, path: Path) -> None:
        try:
            content = base64.b64decode(answer.plik_zawartosc, validate=True)
        except (AttributeError, TypeError, binascii.Error) as error:
            raise failed(_("its answer holds no file")) from error
        path.write_bytes(content)


def connect() -> Ws1:
    """The service of the settings. Raises Ws1NotConfigured, Ws1Failed."""
    if not (settings.TERYT_WS1_USER and settings.TERYT_WS1_PASSWORD):
        raise Ws1NotConfigured
    refuse_plain(settings.TERYT_WS1_WSDL)
    session = requests.Session()
    session.max_redirects = 0  # nobody sends the password on
    seconds = settings.TERYT_WS1_TIMEOUT_S
    transport = Transport(session=session, timeout=seconds, operation_timeout=seconds)
    user = UsernameToken(settings.TERYT_WS1_USER, settings.TERYT_WS1_PASSWORD)
    with told():
        client = Client(settings.TERYT_WS1_WSDL, wsse=user, transport=transport, settings=XML)
        refuse_plain(client.service._binding_options["address"])
    return Ws1(client)


def refuse_plain(address: str) -> None:
    """The password goes to that address as it is: only under TLS, or within this machine."""
    parts = urlsplit(address)
    if parts.scheme != "https" and parts.hostname not in LOOPBACK:
        raise failed(_("{address} is not https").format(address=address))


@contextmanager
def told() -> Iterator[None]:
    """Whatever goes wrong with the service as Ws1Failed; what it said itself, in its words."""
    try:
        yield
    except Fault as error:
        raise failed(str(error.message)) from error
    except (Error, requests.RequestException, LxmlError, AttributeError) as error:
        raise failed(type(error).__name__) from error


def failed(reason: str) -> Ws1Failed:
    return Ws1Failed(details={"reason": reason})


def moment(day: date) -> datetime:
    """The service takes a time of day and does not look at it."""
    return datetime.combine(day, time())
