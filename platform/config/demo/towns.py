"""The two demo gminas: who they are, which layer files they hand in, how many people they have."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from accounts.models import Gmina
from config.demo.people import Quota
from gis_layers.imports.options import Options
from gis_layers.models import LayerKind

# Made things that follow OpenStreetMap's lines are derived from it, and say that too.
OSM = "© autorzy OpenStreetMap (ODbL)"
OSM_EN = "© OpenStreetMap contributors (ODbL)"


class Source(NamedTuple):
    """Attribution in Polish and English."""

    pl: str
    en: str


PRG = Source("PRG, granice z 2021 r.", "PRG, borders of 2021")
MAPPED = Source(OSM, OSM_EN)
MADE_DISTRICTS = Source(f"osiedla symulowane, {OSM}", f"districts simulated, {OSM_EN}")
MADE_ADDRESSES = Source(f"adresy symulowane, {OSM}", f"addresses simulated, {OSM_EN}")
MADE_UP_ADDRESSES = Source("adresy symulowane", "addresses simulated")
MADE_UP_STREETS = Source("ulice symulowane", "streets simulated")


def of(source: Source, **said: Any) -> Options:
    return Options(attribution=source.pl, attribution_en=source.en, **said)


@dataclass(frozen=True)
class LayerFile:
    """One file of fixtures/ and how it is read; in the order of loading: addresses need streets."""

    file: str
    kind: str
    options: Options


@dataclass(frozen=True)
class DemoGmina:
    slug: str
    name: str
    office: str
    kind: str
    terc6: str
    rodz: str
    contact_name: str
    residents: int
    layers: Sequence[LayerFile]
    elsewhere: Sequence[str] = field(default=())


NATIONAL = LayerFile(
    "poland/poland.municipalities.2021.geojson.gz",
    LayerKind.TERYT_UNIT,
    of(PRG),
)

CHORZOW = DemoGmina(
    slug="chorzow",
    name="Chorzów",
    office="Urząd Miasta Chorzów",
    kind=Gmina.Kind.TOWN,
    terc6="246301",
    rodz="1",
    contact_name="Pogotowie wodociągowe",
    residents=18_000,
    layers=(
        LayerFile(
            "chorzow/granica.geojson.gz",
            LayerKind.TERYT_UNIT,
            of(MAPPED, public=True),
        ),
        LayerFile(
            "chorzow/ulice.geojson.gz",
            LayerKind.STREET,
            of(MAPPED, public=True, group_by="nazwa", attrs=("class",)),
        ),
        LayerFile(
            "chorzow/osiedla.geojson.gz",
            LayerKind.DISTRICT,
            of(MADE_DISTRICTS, public=True, is_simulated=True),
        ),
        LayerFile(
            "chorzow/adresy.geojson.gz",
            LayerKind.ADDRESS,
            of(MADE_ADDRESSES, is_simulated=True),
        ),
    ),
)

PRASZKA = DemoGmina(
    slug="praszka",
    name="Praszka",
    office="Urząd Miejski w Praszce",
    kind=Gmina.Kind.TOWN_AND_COUNTRY,
    terc6="160804",
    rodz="3",
    contact_name="Zakład gospodarki komunalnej",
    residents=2_600,
    elsewhere=("chorzow",),
    layers=(
        # The national file is all there is of this outline: no finer than it says.
        LayerFile(
            "praszka/granica.geojson.gz",
            LayerKind.TERYT_UNIT,
            of(PRG, public=True, accuracy_m=800),
        ),
        LayerFile(
            "praszka/ulice.geojson.gz",
            LayerKind.STREET,
            of(MADE_UP_STREETS, public=True, is_simulated=True, attrs=("class",)),
        ),
        LayerFile(
            "praszka/adresy.geojson.gz",
            LayerKind.ADDRESS,
            of(MADE_UP_ADDRESSES, is_simulated=True),
        ),
    ),
)

GMINAS = (CHORZOW, PRASZKA)
# The street of the main job. Figures of the issue; the phones are "rather more" than the people.
MAIN_STREET = "Główna"
MAIN_KIND = "woda"
QUOTAS = {
    CHORZOW.slug: Quota(
        street=MAIN_STREET,
        apart="Aleja Główna",
        told=340,
        only_working=11,
        phones=402,
        heard_kind=MAIN_KIND,
        of=CHORZOW.residents,
    )
}
