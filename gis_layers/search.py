"""The one search engine: streets, districts, localities, the gmina itself, addresses."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.resources import files
from typing import Any, NamedTuple

from django.contrib.postgres.search import TrigramSimilarity
from django.db import connection

from accounts.models import Gmina
from gis_layers.models import Feature, LayerKind
from gis_layers.outlines import OWN_SLUG
from gis_layers.search_words import Reading, Tier, letters_apart, readings, tier
from teryt.models import Locality
from teryt.names import street_label as label_of_name

# In this order where several kinds of things answer equally well.
KINDS = ("unit", "locality", "district", "street", "address")
FEATURE_KINDS = (LayerKind.DISTRICT, LayerKind.STREET)
CANDIDATES_MAX = 200  # of one reading, before they are ranked
SQL = files("gis_layers") / "sql"


@dataclass(frozen=True)
class Hit:
    """One answer. `label` is what people read: "ul. Główna", "Główna 12a", "Kowale 7".

    `fid` is None for a locality, `simc` "" where it is not known. Places in EPSG:4326, None for a
    locality without addresses and streets; `length_m` for lines only.
    """

    kind: str
    label: str
    locality: str
    gmina_id: int
    fid: int | None = None
    simc: str = ""
    layer_slug: str = ""
    number: str = ""
    postcode: str = ""
    bbox_4326: tuple[float, float, float, float] | None = None
    lon: float | None = None
    lat: float | None = None
    length_m: float | None = None


@dataclass(frozen=True)
class Ranked:
    """A hit and how well it answers a reading."""

    hit: Hit
    name: str  # what the reading was compared with: the hit's own label, or an address's street
    tier: Tier
    other_type: bool  # the type of street that was typed is not this one's
    apart: int  # letters written otherwise; of typing mistakes, how many answers are nearer
    order: int = 0  # of an address, by number

    def key(self) -> tuple[Any, ...]:
        kind, locality = KINDS.index(self.hit.kind), self.hit.locality
        name = self.apart, len(self.name), self.name
        return self.tier, self.other_type, kind, *name, locality, self.order, self.hit.fid or 0


def search(gmina: Gmina | None, q: str, kinds: Sequence[str] = KINDS, limit: int = 10) -> list[Hit]:
    """What a query may mean in a gmina (None: in any tenant), best first; [] for nothing.

    Every word must be met by the beginning of a word, in any order, with or without diacritics; a
    house number exactly. Letter-for-letter answers come first, answers to a typing mistake only
    where there are no others.
    """
    read = readings(q)
    found = [one for reading in read for one in answers(gmina, reading, kinds)]
    # A typing mistake: the reading with the longest number goes first. What has a number is never
    # answered by addresses with another one.
    numbered = [reading for reading in read if reading.number]
    for reading in reversed(numbered or read if set(kinds) == {"address"} else read):
        found = found or list(answers(gmina, reading, kinds, alike=True))
    best: dict[tuple[str, object], Hit] = {}
    for ranked in sorted(found, key=Ranked.key):
        best.setdefault((ranked.hit.kind, ranked.hit.fid or ranked.hit.simc), ranked.hit)
    return placed(list(best.values())[:limit])


def answers(
    gmina: Gmina | None, reading: Reading, kinds: Sequence[str], *, alike: bool = False
) -> Iterator[Ranked]:
    """Everything that answers one reading; a number in it is an address's."""
    if not reading.number:
        wanted = [kind for kind in FEATURE_KINDS if kind in kinds]
        yield from features(gmina, reading, wanted, alike=alike)
        if "locality" in kinds:
            yield from localities(gmina, reading, alike=alike)
        if "unit" in kinds:
            yield from units(gmina, reading)
    if "address" in kinds and (reading.number or set(kinds) == {"address"}):
        yield from addresses(gmina, reading, alike=alike)


def ranked(hit: Hit, reading: Reading, *, alike: int | None = None) -> Ranked:
    """`alike`: how many answers to a typing mistake are nearer; None: it is no such answer."""
    other_type = bool(reading.kind) and not hit.label.startswith(reading.kind)
    if alike is not None:
        return Ranked(hit, hit.label, Tier.ALIKE, other_type, alike)
    found = tier(reading, hit.label, hit.locality)
    return Ranked(hit, hit.label, found, other_type, letters_apart(reading, hit.label))


def features(
    gmina: Gmina | None, reading: Reading, kinds: Sequence[str], *, alike: bool
) -> list[Ranked]:
    """Streets and districts, the most similar first."""
    if not kinds:
        return []
    name = " ".join(reading.words)
    rows = run(
        "search_features.sql",
        gmina=gmina.pk if gmina else None,
        kinds=list(kinds),
        patterns=reading.patterns,
        name=name,
        alike=name if alike else None,
        most=CANDIDATES_MAX,
    )
    found = []
    for n, (fid, gmina_id, slug, kind, title, simc, locality) in enumerate(rows):
        label = label_of_name(title) if kind == LayerKind.STREET else title
        hit = Hit(kind, label, locality, gmina_id, fid, simc, slug)
        found.append(ranked(hit, reading, alike=n if alike else None))
    return found


def localities(gmina: Gmina | None, reading: Reading, *, alike: bool) -> list[Ranked]:
    """Towns, villages and their parts; a part's `locality` is what it is a part of."""
    tenants = {g.terc6: g.pk for g in ([gmina] if gmina else Gmina.objects.all())}
    rows = Locality.objects.filter(terc6__in=tenants, closed_on=None)
    name = " ".join(reading.words)
    if alike:
        rows = rows.filter(search_name__trigram_similar=name)
    for pattern in reading.patterns if not alike else ():
        rows = rows.filter(search_name__regex=pattern)
    rows = rows.order_by(TrigramSimilarity("search_name", name).desc(), "simc")[:CANDIDATES_MAX]
    wholes = Locality.objects.in_bulk({row.parent_simc for row in rows})
    found = []
    for n, row in enumerate(rows):
        whole = wholes.get(row.parent_simc)
        part_of = whole.name if whole and whole != row else ""
        hit = Hit("locality", row.name, part_of, tenants[row.terc6], simc=row.simc)
        found.append(ranked(hit, reading, alike=n if alike else None))
    return found


def units(gmina: Gmina | None, reading: Reading) -> list[Ranked]:
    """The gmina itself by its name, if it has an outline to show."""
    outlines = Feature.objects.filter(
        layer__slug=OWN_SLUG, layer__kind=LayerKind.TERYT_UNIT, layer__gmina__isnull=False
    )
    if gmina:
        outlines = outlines.filter(layer__gmina=gmina)
    for pattern in reading.patterns:
        outlines = outlines.filter(search_name__regex=pattern)
    rows = outlines.filter(until=None).values_list("fid", "name", "layer__gmina")[:CANDIDATES_MAX]
    return [
        ranked(Hit("unit", name, "", owner, fid, layer_slug=OWN_SLUG), reading)
        for fid, name, owner in rows
    ]


def addresses(gmina: Gmina | None, reading: Reading, *, alike: bool) -> list[Ranked]:
    """Addresses of the streets, and of the villages without streets, that answer the reading."""
    owners = best_owners(owners_of_addresses(gmina, reading, alike=alike), reading)
    loose = [key for key in owners if isinstance(key, tuple)]
    rows = run(
        "search_addresses.sql",
        gmina=gmina.pk if gmina else None,
        street_fids=[key for key in owners if isinstance(key, int)],
        village_simcs=[key for key in owners if isinstance(key, str)],
        loose_names=[name for name, _simc in loose],
        loose_simcs=[simc for _name, simc in loose],
        number=reading.number,
        most=CANDIDATES_MAX,
    )
    return [address(row, owners, order) for order, row in enumerate(rows)]


# What an address belongs to: a street's fid, a street's name and SIMC, or a village's SIMC.
Owner = int | tuple[str, str] | str


def owners_of_addresses(
    gmina: Gmina | None, reading: Reading, *, alike: bool
) -> dict[Owner, Ranked]:
    """Whose addresses answer; with `alike` only where no name answers as it stands."""
    if alike and owners_of_addresses(gmina, reading, alike=False):
        return {}
    found: dict[Owner, Ranked] = {}
    for one in features(gmina, reading, [LayerKind.STREET], alike=alike):
        found[one.hit.fid or 0] = one
    for one in localities(gmina, reading, alike=alike):
        found[one.hit.simc] = one
    rows = run("search_loose_streets.sql", gmina=gmina.pk if gmina else None)
    for owner, name, simc, locality in rows:
        if not alike and reading.meets(name, locality):
            hit = Hit("street", label_of_name(name), locality, owner, simc=simc)
            found[name, simc] = ranked(hit, reading)
    return found


def best_owners(owners: Mapping[Owner, Ranked], reading: Reading) -> dict[Owner, Ranked]:
    """All of them where a number chooses; without one only those that answer best."""
    best = min((one.tier for one in owners.values()), default=Tier.ALIKE)
    return {key: one for key, one in owners.items() if reading.number or one.tier == best}


def address(row: Sequence[Any], owners: Mapping[Owner, Ranked], order: int) -> Ranked:
    fid, gmina_id, street_fid, street_name, simc, number, postcode, lon, lat = row
    of = owners[street_fid or ((street_name, simc) if street_name else simc)]
    hit = Hit(
        kind="address",
        label=address_label(of.hit.label, number),
        locality=of.hit.label if of.hit.kind == "locality" else of.hit.locality,
        gmina_id=gmina_id,
        fid=fid,
        simc=simc,
        number=number,
        postcode=postcode,
        lon=lon,
        lat=lat,
    )
    return replace(of, hit=hit, order=order)


def address_label(street_or_village: str, number: str) -> str:
    """An address as people read it: "Główna 12a", "al. Główna 3", "Kowale 7"."""
    return f"{street_or_village.removeprefix('ul. ')} {number}"


def street_label(street: Feature) -> str:
    """A street as people read it: "ul. Główna", "al. Główna", "Rynek"."""
    return label_of_name(street.name)


class Where(NamedTuple):
    """Where something lies: box and middle in EPSG:4326; length in metres, of lines only."""

    west: float
    south: float
    east: float
    north: float
    lon: float
    lat: float
    length_m: float | None


def places_of(*, fids: Sequence[int] = (), simcs: Sequence[str] = ()) -> dict[str, Where]:
    """Features by their fid as text, localities by their SIMC; what lies nowhere is left out."""
    rows = run("search_places.sql", fids=list(fids), simcs=list(simcs))
    return {key: Where(*where) for key, *where in rows}


def placed(hits: Sequence[Hit]) -> list[Hit]:
    """The hits with where they are on the map."""
    places = places_of(
        fids=[hit.fid for hit in hits if hit.fid and hit.kind != "address"],
        simcs=[hit.simc for hit in hits if hit.kind == "locality"],
    )
    return [with_place(hit, places.get(str(hit.fid or hit.simc))) for hit in hits]


def with_place(hit: Hit, place: Where | None) -> Hit:
    if place is None:
        return hit
    box = (place.west, place.south, place.east, place.north)
    return replace(hit, bbox_4326=box, lon=place.lon, lat=place.lat, length_m=place.length_m)


def run(name: str, /, **parameters: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute((SQL / name).read_text(encoding="utf-8"), parameters)
        return cursor.fetchall()
