"""A layer from a WFS (the gmina's own EMUiA or e-mapa) to one GML file, read like any other.

WFS 2.0.0 page by page, 1.1.0 in one piece. Whatever may be missing or doubled is refused: a street
less must not look like a street that was removed.
"""

import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from gis_layers.imports.fetch import FetchError, ServerRefused, checked_host, fetch
from gis_layers.imports.file_errors import DiskFull
from gis_layers.imports.gml_pages import Collection, Page, Unusable, read_page
from gis_layers.imports.reading.refusals import FULL
from gis_layers.imports.workspace import workspace

VERSION_PAGED, VERSION_WHOLE = "2.0.0", "1.1.0"
PAGE = 5_000  # features asked for at once; servers may give fewer
PAGES_MAX = 10_000
CAPABILITIES_MAX = 20 * 1024**2  # bytes
REASON_MAX = 300  # characters of a server's own words
# Parameters of ours; others of an address (a map's name, a token) are kept.
OURS = {"service", "request", "version", "acceptversions", "typename", "typenames", "count"}


COMPLAINTS = ("ExceptionText", "ServiceException")


class WfsUnusable(FetchError):
    """An answer that is no WFS's."""

    code = "wfs_unusable"
    message = _("{host} does not answer as a WFS 2.0.0 or 1.1.0.")


class WfsTypeUnknown(FetchError):
    """The server offers no such feature type."""

    code = "wfs_type_unknown"
    message = _("{host} has no layer {name}; it offers: {offered}.")


class WfsIncomplete(FetchError):
    """Fewer or more features came than the server says it has."""

    code = "wfs_incomplete"
    message = _("{host} announced {expected} features and sent {received}.")


class WfsPagesOverlap(FetchError):
    """A feature came on two pages, so another may have come on none."""

    code = "wfs_pages_overlap"
    message = _("{host} sends the same features on several pages; others may be missing.")


@dataclass(frozen=True)
class FeatureType:
    """A layer a server offers; `crs` as the server writes it."""

    name: str
    title: str
    crs: str


@dataclass(frozen=True)
class Server:
    """What a WFS says of itself."""

    address: str
    host: str
    version: str
    types: tuple[FeatureType, ...]


def server_at(address: str) -> Server:
    """Ask a WFS what it offers. Raises FetchErrors."""
    host = checked_host(address)
    question = {
        "SERVICE": "WFS",
        "REQUEST": "GetCapabilities",
        "ACCEPTVERSIONS": f"{VERSION_PAGED},{VERSION_WHOLE}",
    }
    with workspace() as folder:
        told = folder / "capabilities.xml"
        fetch(asked(address, question), told, max_bytes=CAPABILITIES_MAX)
        root = document(told, host)
    version = root.get("version", "")
    if local(root.tag) != "WFS_Capabilities" or version[:3] not in ("2.0", "1.1"):
        raise refused_by(root, host)
    return Server(
        address=address,
        host=host,
        version=VERSION_PAGED if version.startswith("2.0") else VERSION_WHOLE,
        types=tuple(feature_types(root)),
    )


def download(address: str, type_name: str, target: Path, *, srid: int | None = None) -> int:
    """Write all features of a type to `target` as GML; how many they are.

    `srid` asks for another coordinate system than the server's own. Raises FetchErrors, DiskFull.
    """
    server = server_at(address)
    if type_name not in {one.name for one in server.types}:
        offered = ", ".join(one.name for one in server.types)[:REASON_MAX]
        raise WfsTypeUnknown(details={"host": server.host, "name": type_name, "offered": offered})
    try:
        with workspace() as folder, Collection(target) as collection:
            expected = collect(server, question_of(server, type_name, srid), folder, collection)
    except Unusable as error:
        raise WfsUnusable(details={"host": server.host}) from error
    except OSError as error:
        if error.errno in FULL:
            raise DiskFull(details={"file": target.name}) from error
        raise
    if collection.repeated:
        raise WfsPagesOverlap(details={"host": server.host})
    if expected is not None and expected != collection.count:
        told = {"host": server.host, "expected": expected, "received": collection.count}
        raise WfsIncomplete(details=told)
    return collection.count


def question_of(server: Server, type_name: str, srid: int | None) -> dict[str, str]:
    paged = server.version == VERSION_PAGED
    question = {
        "SERVICE": "WFS",
        "VERSION": server.version,
        "REQUEST": "GetFeature",
        "TYPENAMES" if paged else "TYPENAME": type_name,
    }
    if srid:
        question["SRSNAME"] = f"urn:ogc:def:crs:EPSG::{srid}"
    return question


def collect(
    server: Server, question: Mapping[str, str], folder: Path, collection: Collection
) -> int | None:
    """Add page after page to the collection; how many features the server says there are."""
    if server.version == VERSION_WHOLE:
        hits = page_of(server, {**question, "RESULTTYPE": "hits"}, folder, collection)
        collection.add(page_of(server, question, folder, collection))
        return hits.matched
    for _page in range(PAGES_MAX):
        paging = {"COUNT": str(PAGE), "STARTINDEX": str(collection.count)}
        page = page_of(server, {**question, **paging}, folder, collection)
        collection.add(page)
        if not page.count or collection.repeated or collection.count == page.matched:
            break
    return page.matched


def page_of(
    server: Server, question: Mapping[str, str], folder: Path, collection: Collection
) -> Page:
    """One answer. Raises ServerRefused with the server's own words where it holds a complaint."""
    answer = folder / "page.gml"
    left = settings.IMPORT_MAX_BYTES - collection.size
    fetch(asked(server.address, question), answer, max_bytes=left)
    try:
        return read_page(answer)
    except Unusable:
        if answer.stat().st_size < CAPABILITIES_MAX:
            raise refused_by(document(answer, server.host), server.host) from None
        raise


def asked(address: str, question: Mapping[str, str]) -> str:
    """The address with our parameters in place of its own of the same names."""
    parts = urlsplit(address)
    kept = [(key, value) for key, value in parse_qsl(parts.query) if key.lower() not in OURS]
    return urlunsplit(parts._replace(query=urlencode([*kept, *question.items()]), fragment=""))


def document(path: Path, host: str) -> ET.Element:
    """A small XML document without entities of its own. Raises WfsUnusable."""
    try:
        if b"<!DOCTYPE" in path.read_bytes():
            raise WfsUnusable(details={"host": host})
        return ET.parse(path).getroot()  # noqa: S314 no entities: see above
    except (ET.ParseError, ValueError, LookupError) as error:
        raise WfsUnusable(details={"host": host}) from error


def refused_by(root: ET.Element, host: str) -> FetchError:
    """What an answer that is no answer says, if it says anything."""
    words = " ".join(
        text for one in root.iter() if local(one.tag) in COMPLAINTS for text in one.itertext()
    )
    if not words.strip():
        return WfsUnusable(details={"host": host})
    return ServerRefused(details={"host": host, "reason": " ".join(words.split())[:REASON_MAX]})


def feature_types(root: ET.Element) -> Iterator[FeatureType]:
    for one in root.iter():
        if local(one.tag) == "FeatureType":
            said = {local(child.tag): (child.text or "").strip() for child in one}
            crs = said.get("DefaultCRS") or said.get("DefaultSRS", "")
            yield FeatureType(said.get("Name", ""), said.get("Title", ""), crs)


def local(tag: str) -> str:
    """A name of ElementTree without its namespace."""
    return tag.rpartition("}")[2]
