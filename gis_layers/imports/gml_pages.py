"""Pages of a WFS to one GML document, their features byte for byte as they came."""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self
from xml.parsers import expat
from xml.sax.saxutils import quoteattr

MEMBERS = ("member", "featureMember", "featureMembers")
COUNTS = ("numberMatched", "numberOfFeatures")  # of WFS 2.0.0, of 1.1.0


class Unusable(Exception):
    """A page that is no collection of features, or does not go with the first."""


@dataclass
class Page:
    """A WFS's answer: its root, how many features it holds, and where in the file they stand.

    `matched` is the number of all features by the server's word, None where it says none. `ids`
    are the features' gml:ids, as far as they have any.
    """

    path: Path
    root: str = ""
    namespaces: Mapping[str, str] = field(default_factory=dict)
    encoding: str = "UTF-8"
    matched: int | None = None
    count: int = 0
    ids: list[str] = field(default_factory=list)
    spans: list[tuple[int, int]] = field(default_factory=list)


def read_page(path: Path) -> Page:
    """Raises Unusable for anything but a whole feature collection."""
    parser = PageParser(Page(path))
    try:
        with path.open("rb") as file:
            parser.expat.ParseFile(file)
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise Unusable from error
    if local(parser.page.root) != "FeatureCollection":
        raise Unusable
    return parser.page


def local(name: str) -> str:
    """A qualified name without its prefix."""
    return name.rpartition(":")[2]


class PageParser:
    """Notes where members begin and end while expat goes through a page."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.depth = 0
        self.begin: int | None = None  # of the member that is open
        self.expat = expat.ParserCreate()
        self.expat.StartElementHandler = self.start
        self.expat.EndElementHandler = self.end
        self.expat.XmlDeclHandler = self.declared
        self.expat.StartDoctypeDeclHandler = self.doctype

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        if self.depth == 0:
            self.root(name, attributes)
        elif self.depth == 1 and local(name) in MEMBERS:
            self.begin = self.expat.CurrentByteIndex
        elif self.depth == 2 and self.begin is not None:
            self.page.count += 1
            self.page.ids += [v for key, v in attributes.items() if local(key) in ("id", "fid")]
        self.depth += 1

    def root(self, name: str, attributes: Mapping[str, str]) -> None:
        self.page.root = name
        self.page.namespaces = {
            key: value for key, value in attributes.items() if key.partition(":")[0] == "xmlns"
        }
        told = next((attributes[key] for key in COUNTS if key in attributes), "")
        self.page.matched = int(told) if told.isdecimal() else None

    def end(self, name: str) -> None:
        self.depth -= 1
        if self.depth != 1 or self.begin is None:
            return
        # Of "<m/>" both events have one index; an empty member holds no feature.
        if self.expat.CurrentByteIndex > self.begin:
            closing = len(f"</{name}>".encode())
            self.page.spans.append((self.begin, self.expat.CurrentByteIndex + closing))
        self.begin = None

    def declared(self, _version: str, encoding: str | None, _standalone: int) -> None:
        self.page.encoding = encoding or "UTF-8"

    def doctype(self, *_about: object) -> None:
        raise Unusable


class Collection:
    """A GML document that grows by pages; `repeated` when a feature came twice."""

    def __init__(self, target: Path) -> None:
        self.target = target
        self.count = 0
        self.repeated = False
        self.first: Page | None = None
        self._seen: set[int] = set()  # hashes of ids: a million take 60 MB
        self._open = ExitStack()

    def __enter__(self) -> Self:
        self._out = self._open.enter_context(self.target.open("wb"))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.first and kind is None:
            self._out.write(f"</{self.first.root}>\n".encode())
        self._open.__exit__(kind, error, trace)

    @property
    def size(self) -> int:
        return self._out.tell()

    def add(self, page: Page) -> None:
        """Append the features of a page. Raises Unusable where it is of another kind."""
        if self.first is None:
            self.begin(page)
        elif (page.namespaces, page.encoding) != (self.first.namespaces, self.first.encoding):
            raise Unusable
        self.note(page.ids)
        self.count += page.count
        with page.path.open("rb") as file:
            for begin, end in page.spans:
                file.seek(begin)
                self._out.write(file.read(end - begin))
                self._out.write(b"\n")

    def begin(self, page: Page) -> None:
        self.first = page
        names = "".join(f" {key}={quoteattr(value)}" for key, value in page.namespaces.items())
        head = f'<?xml version="1.0" encoding="{page.encoding}"?>\n<{page.root}{names}>\n'
        self._out.write(head.encode(page.encoding))

    def note(self, ids: Sequence[str]) -> None:
        for one in map(hash, ids):
            self.repeated = self.repeated or one in self._seen
            self._seen.add(one)
