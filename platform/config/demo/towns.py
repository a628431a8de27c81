"""The two demo gminas: who they are, which layer files they hand in, how many people they have."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from accounts.models import Gmina
from config.demo.people import Quota
from gis_layers.imports.load import Options
from gis_layers.models import LayerKind

# Made things that follow OpenStreetMap's lines are derived from it, and say that too.
OSM = "© autorzy OpenStreetMap (ODbL)"
PRG = "PRG, granice z 2021 r."
MADE_ADDRESSES = "adresy symulowane"
MADE_DISTRICTS = "osiedla symulowane"
MADE_STREETS = "ulice symulowane"


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
    Options(attribution=PRG),
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
            Options(attribution=OSM, public=True),
        ),
        LayerFile(
            "chorzow/ulice.geojson.gz",
            LayerKind.STREET,
            Options(attribution=OSM, public=True, group_by="nazwa", attrs=("class",)),
        ),
        LayerFile(
            "chorzow/osiedla.geojson.gz",
            LayerKind.DISTRICT,
            Options(attribution=f"{MADE_DISTRICTS}, {OSM}", public=True, is_simulated=True),
        ),
        LayerFile(
            "chorzow/adresy.geojson.gz",
            LayerKind.ADDRESS,
            Options(attribution=f"{MADE_ADDRESSES}, {OSM}", is_simulated=True),
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
            Options(attribution=PRG, public=True, accuracy_m=800),
        ),
        LayerFile(
            "praszka/ulice.geojson.gz",
            LayerKind.STREET,
            Options(attribution=MADE_STREETS, public=True, is_simulated=True, attrs=("class",)),
        ),
        LayerFile(
            "praszka/adresy.geojson.gz",
            LayerKind.ADDRESS,
            Options(attribution=MADE_ADDRESSES, is_simulated=True),
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
