"""TERYT ws1 on this machine: GUS's operations by a WSDL of our own, answers as they are put in."""

import base64
import io
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from xml.etree import ElementTree

OWN = "http://tempuri.org/"
SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
WSSE = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
WSA = "http://www.w3.org/2005/08/addressing"
OPERATIONS = {
    f"{verb}{register.capitalize() if short else register}{end}": parts
    for verb, end, short, parts in (
        ("PobierzDateAktualnegoKat", "", True, ()),
        ("PobierzKatalog", "", False, ("DataStanu",)),
        ("PobierzZmiany", "Urzedowy", True, ("stanod", "stando")),
    )
    for register in ("TERC", "SIMC", "ULIC")
}


@dataclass
class FakeWs1:
    """`files`: operation -> content of the zip it answers with; `asked` keeps each request."""

    state_on: str = "2026-03-01"
    files: dict[str, str] = field(default_factory=dict)
    user: tuple[str, str] = ("gmina", "tajne")
    body: str = ""  # instead of every answer
    address: str = ""
    location: str = ""  # the WSDL's, where it isn't the truth
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def wsdl(self) -> str:
        parts = dict.fromkeys(("elements", "messages", "operations", "bindings"), "")
        for name, asked in OPERATIONS.items():
            result = "xs:dateTime" if name.startswith("PobierzDate") else "tns:Plik"
            for element, members in (
                (name, [(part, "xs:dateTime") for part in asked]),
                (f"{name}Response", [(f"{name}Result", result)]),
            ):
                inner = "".join(
                    f'<xs:element minOccurs="0" name="{n}" type="{t}"/>' for n, t in members
                )
                parts["elements"] += (
                    f'<xs:element name="{element}"><xs:complexType><xs:sequence>{inner}'
                    "</xs:sequence></xs:complexType></xs:element>"
                )
                parts["messages"] += (
                    f'<wsdl:message name="{element}"><wsdl:part name="parameters" '
                    f'element="tns:{element}"/></wsdl:message>'
                )
            action = f"{OWN}ITerytWs1/{name}"
            parts["operations"] += (
                f'<wsdl:operation name="{name}"><wsdl:input wsaw:Action="{action}" '
                f'message="tns:{name}"/><wsdl:output message="tns:{name}Response"/>'
                "</wsdl:operation>"
            )
            parts["bindings"] += (
                f'<wsdl:operation name="{name}"><soap:operation soapAction="{action}" '
                'style="document"/><wsdl:input><soap:body use="literal"/></wsdl:input>'
                '<wsdl:output><soap:body use="literal"/></wsdl:output></wsdl:operation>'
            )
        text = Path(__file__).with_name("ws1.wsdl").read_text(encoding="utf-8")
        return text.format(address=self.location or self.address, **parts)

    def reply(self, request: bytes) -> str:
        envelope = ElementTree.fromstring(request)
        [call] = envelope.find(f"{{{SOAP}}}Body")
        name = call.tag.removeprefix(f"{{{OWN}}}")
        self.asked.append((name, {part.tag.removeprefix(f"{{{OWN}}}"): part.text for part in call}))
        said = tuple(envelope.findtext(f".//{{{WSSE}}}{part}") for part in ("Username", "Password"))
        if envelope.findtext(f".//{{{WSA}}}Action") != f"{OWN}ITerytWs1/{name}":
            return self.envelope(fault("no WS-Addressing"))
        if said != self.user:
            return self.envelope(fault("An error occurred when verifying security"))
        return self.body or self.envelope(self.answer(name))

    def answer(self, name: str) -> str:
        inner = f"{self.state_on}T00:00:00"
        if name in self.files:
            packed = base64.b64encode(zipped(self.files[name])).decode()
            inner = f"<nazwa_pliku>../{name}</nazwa_pliku><plik_zawartosc>{packed}</plik_zawartosc>"
        return (
            f'<{name}Response xmlns="{OWN}"><{name}Result>{inner}</{name}Result></{name}Response>'
        )

    def envelope(self, body: str) -> str:
        return f'<s:Envelope xmlns:s="{SOAP}"><s:Body>{body}</s:Body></s:Envelope>'


def fault(text: str) -> str:
    return f"<s:Fault><faultcode>s:Client</faultcode><faultstring>{text}</faultstring></s:Fault>"


def zipped(content: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("katalog.xml", content)
    return out.getvalue()


@contextmanager
def serving(fake: FakeWs1) -> Iterator[FakeWs1]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send(fake.wsdl())

        def do_POST(self) -> None:
            self.send(fake.reply(self.rfile.read(int(self.headers["Content-Length"]))))

        def send(self, text: str) -> None:
            body = text.encode()
            self.send_response(500 if "Fault>" in text else 200)
            self.send_header("Content-Type", "text/xml; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_args: object) -> None:
            """Nothing: tests read `asked`."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        fake.address = f"http://127.0.0.1:{server.server_port}/"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield fake
        server.shutdown()
        thread.join()
