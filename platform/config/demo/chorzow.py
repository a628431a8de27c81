"""Chorzów: real streets, outline and address counts; made address points and districts.

fixtures/README.md says where each comes from. What is known of the city is in the tables below;
coordinates are EPSG:2180, easting first.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from functools import cached_property

import shapely
from shapely import Point, Polygon
from shapely.geometry.base import BaseGeometry

from config.demo.files import FIXTURES, Row, read_rows
from config.demo.frontage import house_numbers
from config.demo.houses import Building, Ground, House, Spot, Street, build, spots_along
from config.demo.partition import districts

TERC = "2463011"
SIMC = "0938887"
SEED = 1
SOURCE = FIXTURES / "chorzow" / "source"
RYNEK = Point(496_741, 270_115)

PLANNED = "Planowany przebieg DK79 (obwodnica Chorzowa)"
EXPRESSWAY = "Drogowa Trasa Średnicowa"
# Drawn straw-yellow: the roads that carry the through traffic.
MAIN_STREETS = {
    EXPRESSWAY, "3 Maja", "Aleja Bojowników o Wolność i Demokrację", "Aleja Wojska Polskiego",
    "Armii Krajowej", "Generała Henryka Dąbrowskiego", "Katowicka", "Kluczborska",
    "Księdza Jana Gałeczki", "Łagiewnicka", "Maciejkowicka", "Michałkowicka", "Nowa", "Powstańców",
    "Siemianowicka", "Stefana Batorego", "Wolności",
}  # fmt: skip
# Nobody has an address on these, whatever lies beside them.
WITHOUT_HOUSES = {PLANNED, EXPRESSWAY, "Ogródki Działkowe im. Damrota", "Duży Krąg Taneczny"}
# Roads through fields, woods and works: a house here and there.
COUNTRY_ROADS = {
    "Kluczborska", "Oświęcimska", "Wilhelma Kollmanna", "Niedźwiedziniec", "Michałkowicka",
    "Maciejkowicka", "Legnicka", "Metalowców", "Katowicka", "Armii Krajowej", "Leśna", "Graniczna",
    "Wiejska", "Nowa", "Parkowa", "Antoniowska",
}  # fmt: skip
# Park Śląski: its ring, read off the map along the outermost alleys. Nobody lives here.
PARK = Polygon(
    [
        (498_030, 269_080), (497_960, 269_360), (498_330, 269_380), (498_480, 269_960),
        (498_960, 269_930), (499_320, 269_760), (499_980, 269_860), (500_230, 269_700),
        (500_520, 269_300), (500_520, 268_350), (500_300, 267_800), (499_420, 267_150),
        (498_250, 268_330), (498_140, 268_700),
    ]
)  # fmt: skip
# The one alley with doors: offices and cafés at its two ends, where people work.
PARK_ALLEY = "Aleja Główna"
PARK_ALLEY_HOUSES = 6
PARK_POSTCODE = "41-500"
# Estates of blocks: centre and radius in metres.
ESTATES = shapely.union_all(
    [
        Point(x, y).buffer(radius_m)
        for x, y, radius_m in [
            (497_260, 269_060, 330),  # Klimzowiec
            (495_420, 266_420, 330),  # Irys
            (497_120, 268_330, 420),  # Księdza Gałeczki
            (495_850, 267_900, 300),  # Ruch
            (495_060, 269_900, 330),  # Gwarecka
            (495_950, 270_900, 300),  # Miarki
            (497_750, 270_560, 330),  # Krakowska
            (498_400, 271_230, 300),  # 17 Sierpnia
            (495_420, 272_150, 260),  # Rodziny Oswaldów
            (497_960, 272_930, 330),  # Słowików and the middle of Główna
        ]
    ]
)
shapely.prepare(ESTATES)
CENTRE_M = 1_250  # around the Rynek stand tenements

BLOCK = Building(spacing_m=18, dwellings=(12, 34), jobs=(1, 8), with_jobs=0.10)
TENEMENT = Building(spacing_m=16, dwellings=(3, 11), jobs=(2, 18), with_jobs=0.35)
DETACHED = Building(spacing_m=20, dwellings=(1, 2), jobs=(1, 4), with_jobs=0.08)
ROADSIDE = Building(spacing_m=75, dwellings=(1, 2), jobs=(5, 60), with_jobs=0.40)
PARK_HOUSE = Building(spacing_m=60, dwellings=(0, 0), jobs=(6, 20), with_jobs=1.0)

# Where the parts of the city named in SIMC lie, and the centre, which has no name of its own there.
DISTRICTS: dict[str, Sequence[tuple[float, float]]] = {
    "Antoniowiec": [(497_830, 273_950)],
    "Hajduki Wielkie": [(495_450, 267_500), (496_300, 268_300)],
    "Kolonia Joanny": [(496_650, 266_950)],
    "Maciejkowice": [(497_500, 272_900), (498_500, 272_500)],
    "Niedźwiedziniec": [(495_740, 265_900), (496_100, 264_900)],
    "Pniaki": [(495_800, 271_700), (497_100, 271_800)],
    "Stary Chorzów": [(498_050, 270_900), (497_800, 270_300)],
    "Szarlociniec": [(494_900, 270_700)],
    "Śródmieście": [(496_741, 270_115), (496_100, 269_300), (497_300, 269_000)],
    "Węzłowiec": [(499_572, 269_958), (499_300, 268_900)],
}


class Chorzow:
    """The layers of the city; every property is read or made once."""

    @cached_property
    def outline(self) -> BaseGeometry:
        return read_rows(SOURCE / "chorzow-boundary.geojson.gz")[0].geom

    @cached_property
    def ways(self) -> list[Row]:
        return read_rows(SOURCE / "chorzow-streets.geojson.gz")

    @cached_property
    def postcodes(self) -> list[tuple[str, int, BaseGeometry]]:
        """Postcode, number of addresses in PRG, area; one postcode may have several areas."""
        rows = read_rows(SOURCE / "chorzow-postcodes.geojson.gz")
        areas = [shapely.make_valid(row.geom) for row in rows]
        shapely.prepare(areas)
        return [
            (row.columns["kod"], row.columns["pc_num"], area)
            for row, area in zip(rows, areas, strict=True)
        ]

    @cached_property
    def streets(self) -> list[Street]:
        lines = defaultdict(list)
        for way in self.ways:
            lines[way.columns["name"]].append(way.geom)
        return [Street(name, lines[name]) for name in sorted(lines)]

    def boundary_rows(self) -> list[Row]:
        return [Row(self.outline, {"terc": TERC, "simc": SIMC, "nazwa": "Chorzów"})]

    def street_rows(self) -> list[Row]:
        """Every line as published, with the locality and the class added."""
        return [
            Row(
                way.geom,
                {
                    "osm_id": way.columns["id"],
                    "simc": SIMC,
                    "nazwa": way.columns["name"],
                    "class": "main" if way.columns["name"] in MAIN_STREETS else "street",
                },
            )
            for way in self.ways
        ]

    def district_rows(self) -> list[Row]:
        roads = [way.geom for way in self.ways if way.columns["name"] != PLANNED]
        parts = districts(self.outline, roads, DISTRICTS)
        return [Row(geom, {"nazwa": name}) for name, geom in parts.items()]

    def address_rows(self) -> list[Row]:
        by_street: dict[str, list[House]] = defaultdict(list)
        for house in self.houses():
            by_street[house.spot.street.key].append(house)
        return [row for name in sorted(by_street) for row in _numbered(name, by_street[name])]

    def houses(self) -> list[House]:
        """As many houses as PRG counts in each postcode, those in the park on its one alley."""
        return build(self._spots(), self.quotas(), seed=SEED)

    def quotas(self) -> Counter[str]:
        counts: Counter[str] = Counter()
        for postcode, addresses, _ in self.postcodes:
            counts[postcode] += addresses
        counts[PARK_POSTCODE] -= PARK_ALLEY_HOUSES
        counts[PARK_ALLEY] = PARK_ALLEY_HOUSES
        return counts

    def postcode_at(self, point: Point) -> str:
        """The postcode of the area the point lies in, or of the nearest where it is in none."""
        for postcode, _, area in self.postcodes:
            if shapely.contains(area, point):
                return postcode
        return min(self.postcodes, key=lambda each: float(each[2].distance(point)))[0]

    def _spots(self) -> list[Spot]:
        """Room for houses along all streets; the park is left empty but for its one alley."""
        roads = [way.geom for way in self.ways]
        town, park = Ground(self.outline, roads, PARK), Ground(self.outline, roads, Polygon())
        return [
            spot
            for street in self.streets
            if _has_houses(street.key)
            for spot in (park if street.key == PARK_ALLEY else town).fit(self._along(street))
        ]

    def _along(self, street: Street) -> list[Spot]:
        return spots_along(
            street,
            start=RYNEK,
            building_at=_building,
            zone_at=self.postcode_at if street.key != PARK_ALLEY else lambda _: PARK_ALLEY,
            seed=SEED,
        )


def _has_houses(name: str) -> bool:
    return name not in WITHOUT_HOUSES and not name.startswith("Rondo ")


def _building(street: Street, point: Point) -> Building:
    if street.key == PARK_ALLEY:
        return PARK_HOUSE
    if shapely.contains(ESTATES, point):
        return BLOCK
    if point.distance(RYNEK) < CENTRE_M:
        return TENEMENT
    return ROADSIDE if street.key in COUNTRY_ROADS else DETACHED


def _numbered(name: str, houses: Sequence[House]) -> list[Row]:
    numbers = house_numbers([house.spot.stand for house in houses])
    return [
        Row(
            house.spot.stand.point,
            {
                "simc": SIMC,
                "ulica": name,
                "numer": number,
                "kod": house.spot.zone if name != PARK_ALLEY else PARK_POSTCODE,
                "mieszkania": house.dwellings,
                "miejsca_pracy": house.jobs,
            },
        )
        for house, number in zip(houses, numbers, strict=True)
    ]
