"""A WFS on this machine that keeps the rules, or breaks one of them."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

WFS, GML = "http://www.opengis.net/wfs/2.0", "http://www.opengis.net/gml/3.2"
OWN = "http://gmina.example/mapa"


@dataclass
class FakeWfs:
    """Streets named 1, 2, 3 …, 10 m apart in EPSG:2180; `asked` keeps every request."""

    features: int = 7
    version: str = "2.0.0"
    at_most: int = 3  # features of one answer, whatever was asked for
    announced: int | None = None  # numberMatched, where it isn't the truth
    says_matched: bool = True
    same_page: bool = False  # STARTINDEX is ignored
    answer: bytes = b""  # instead of every GetFeature
    status: int = 200
    asked: list[dict[str, str]] = field(default_factory=list)
    address: str = ""

    def reply(self, query: dict[str, str]) -> bytes:
        self.asked.append(query)
        if query["REQUEST"] == "GetCapabilities":
            return self.capabilities()
        return self.answer or self.page(query)

    def capabilities(self) -> bytes:
        return f"""<WFS_Capabilities version="{self.version}" xmlns="{WFS}"><FeatureTypeList>
            <FeatureType><Name>m:ulice</Name><Title>Ulice</Title>
            <DefaultCRS>urn:ogc:def:crs:EPSG::2180</DefaultCRS></FeatureType>
            </FeatureTypeList></WFS_Capabilities>""".encode()

    def page(self, query: dict[str, str]) -> bytes:
        start = 0 if self.same_page else int(query.get("STARTINDEX", 0))
        most = min(int(query.get("COUNT", self.features)), self.at_most)
        if self.version == "1.1.0":
            most = 0 if query.get("RESULTTYPE") == "hits" else self.at_most
        rows = range(start, min(start + most, self.features))
        members = "".join(f"<wfs:member>{street(n)}</wfs:member>" for n in rows)
        matched = self.features if self.announced is None else self.announced
        word = "numberMatched" if self.version == "2.0.0" else "numberOfFeatures"
        told = f'{word}="{matched if self.says_matched else "unknown"}"'
        return (
            f'<?xml version="1.0" encoding="UTF-8"?><wfs:FeatureCollection xmlns:wfs="{WFS}" '
            f'xmlns:gml="{GML}" xmlns:m="{OWN}" {told} numberReturned="{len(rows)}" '
            f'timeStamp="2026-11-24T12:00:{len(self.asked):02}Z"><!-- {len(self.asked)} -->'
            f"{members}</wfs:FeatureCollection>"
        ).encode()


def street(n: int) -> str:
    line = f"270000 {500000 + 10 * n} 270000 {500005 + 10 * n}"  # northing first, as the URN says
    return (
        f'<m:ulice gml:id="ulice.{n}"><m:nazwa>Żółta &amp; {n}</m:nazwa><m:geom><gml:LineString '
        f'gml:id="g.{n}" srsName="urn:ogc:def:crs:EPSG::2180"><gml:posList>{line}</gml:posList>'
        f"</gml:LineString></m:geom></m:ulice>"
    )


@contextmanager
def serving(wfs: FakeWfs) -> Iterator[FakeWfs]:
    """`wfs` behind an address of its own on this machine."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            query = parse_qs(urlsplit(self.path).query)
            content = wfs.reply({name: values[0] for name, values in query.items()})
            self.send_response(wfs.status)
            if wfs.status == 302:
                self.send_header("Location", "http://169.254.169.254/latest/meta-data")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_about: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        wfs.address = f"http://127.0.0.1:{server.server_port}/wfs?mapa=nasza"
        try:
            yield wfs
        finally:
            server.shutdown()
