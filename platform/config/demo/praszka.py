"""Praszka, a town and its villages: real outline and SIMC names; everything else is made.

Where the town and the villages lie is roughly right (a kilometre or so); their streets, street
codes and houses are invented (fixtures/README.md). ul. Główna has one code in the town and in two
villages: three streets. Most villages have only numbers. Coordinates are EPSG:2180, easting first.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import cos, radians, sin
from random import Random

from shapely import LineString, Point, Polygon
from shapely.geometry.base import BaseGeometry

from config.demo.files import FIXTURES, Row, read_rows
from config.demo.frontage import house_numbers
from config.demo.houses import Building, Ground, House, Spot, Street, build, spots_along

TERC = "1608043"
POSTCODE = "46-320"
SEED = 1

# Code and name of every street name used here; the codes are not ULIC's.
STREET_CODES = {
    "Fabryczna": "90001", "Główna": "90002", "Kaliska": "90003", "Tadeusza Kościuszki": "90004",
    "Kwiatowa": "90005", "Lipowa": "90006", "Adama Mickiewicza": "90007", "Ogrodowa": "90008",
    "Józefa Piłsudskiego": "90009", "Plac Grunwaldzki": "90010", "Polna": "90011",
    "Sportowa": "90012", "Szkolna": "90013", "Źródlana": "90014", "Leśna": "90015",
}  # fmt: skip
MAIN_STREETS = {"Główna", "Józefa Piłsudskiego", "Tadeusza Kościuszki"}

# Lines in metres from the locality's middle: east, north.
Sketch = dict[str, Sequence[tuple[float, float]]]
TOWN: Sketch = {
    "Główna": [(-900, -250), (-400, -90), (-100, -20), (500, 60), (900, 230), (1300, 350)],
    "Józefa Piłsudskiego": [(0, 90), (60, 700), (120, 1000), (200, 1400)],
    "Tadeusza Kościuszki": [(-20, -10), (-80, -600), (-60, -1300)],
    "Plac Grunwaldzki": [(-100, 40), (-60, 130), (40, 120), (60, 45)],
    "Kaliska": [(-110, 60), (-500, 500), (-620, 800), (-800, 1100)],
    "Szkolna": [(200, 25), (260, -450)],
    "Ogrodowa": [(500, 55), (560, -400)],
    "Lipowa": [(560, -400), (260, -450), (-80, -600), (-500, -620)],
    "Polna": [(60, 700), (600, 760), (1000, 700)],
    "Sportowa": [(600, 760), (540, 400), (500, 65)],
    "Adama Mickiewicza": [(-500, 500), (-200, 620), (60, 700)],
    "Fabryczna": [(1300, 350), (1420, 0), (1500, -300)],
    "Kwiatowa": [(1000, 700), (1180, 480), (1300, 355)],
    "Źródlana": [(-620, 800), (-1000, 760), (-1300, 600)],
    "Leśna": [(-900, -250), (-1250, -150), (-1500, 100)],
}
KOWALE: Sketch = {
    "Główna": [(-1200, -150), (-500, -60), (0, 0), (600, 90), (1000, 220)],
    "Szkolna": [(0, 10), (60, 350), (130, 650)],
    "Polna": [(-500, -50), (-560, 300), (-420, 560)],
}
STROJEC: Sketch = {
    "Główna": [(-900, 320), (-300, 80), (0, 0), (700, -90), (1100, -260)],
    "Szkolna": [(0, -10), (-70, -300), (-120, -560)],
    "Leśna": [(700, -80), (820, 200), (1000, 380)],
}


@dataclass(frozen=True)
class Locality:
    """A place of SIMC: its middle, how many houses it has, and its streets if it has any."""

    name: str
    simc: str
    middle: tuple[float, float]
    houses: int
    streets: Sketch | None = None


LOCALITIES = [
    Locality("Praszka", "0932353", (461_800, 353_600), 760, TOWN),
    Locality("Kowale", "0143308", (466_300, 357_300), 190, KOWALE),
    Locality("Strojec", "0143449", (464_900, 351_000), 160, STROJEC),
    # From here on numbers only. Kowale-Parcela and Żubrówka are parts of Kowale and of Tokary.
    Locality("Kowale-Parcela", "0998582", (467_900, 358_000), 18),
    Locality("Aleksandrów", "0143260", (468_300, 361_400), 24),
    Locality("Brzeziny", "0143277", (464_200, 352_900), 45),
    Locality("Gana", "0143283", (461_700, 351_000), 95),
    Locality("Kik", "0143290", (467_300, 359_800), 30),
    Locality("Kozieł", "0143337", (462_700, 359_000), 22),
    Locality("Kuźniczka", "0143343", (459_400, 360_700), 18),
    Locality("Lachowskie", "0143350", (466_600, 353_900), 40),
    Locality("Marki", "0143366", (467_300, 355_600), 16),
    Locality("Prosna", "0143372", (459_500, 359_200), 26),
    Locality("Przedmość", "0143389", (461_300, 355_900), 150),
    Locality("Rosochy", "0143395", (464_000, 355_100), 60),
    Locality("Rozterk", "0143403", (463_400, 356_300), 55),
    Locality("Skotnica", "0143410", (461_900, 357_500), 48),
    Locality("Sołtysy", "0143426", (464_900, 358_700), 36),
    Locality("Szyszków", "0143455", (463_200, 349_900), 70),
    Locality("Tokary", "0143461", (466_300, 350_000), 34),
    Locality("Żubrówka", "0998671", (466_600, 351_500), 9),
    Locality("Wierzbie", "0143478", (461_500, 360_500), 88),
    Locality("Wygiełdów", "0143484", (467_000, 362_700), 52),
]

BLOCK = Building(spacing_m=22, dwellings=(8, 20), jobs=(1, 6), with_jobs=0.15)
TOWN_HOUSE = Building(spacing_m=16, dwellings=(1, 6), jobs=(1, 15), with_jobs=0.3)
FARM = Building(spacing_m=24, dwellings=(1, 2), jobs=(1, 3), with_jobs=0.12)
BLOCKS = Point(462_350, 354_200).buffer(330)
MARKET_M = 450


class Praszka:
    """The layers of the gmina; every property is read or made once."""

    @cached_property
    def outline(self) -> BaseGeometry:
        rows = read_rows(FIXTURES / "poland" / "poland.municipalities.2021.geojson.gz")
        return next(row.geom for row in rows if row.columns["terc"] == TERC)

    def boundary_rows(self) -> list[Row]:
        return [Row(self.outline, {"terc": TERC, "nazwa": "Praszka"})]

    def street_rows(self) -> list[Row]:
        return [
            Row(
                line,
                {
                    "simc": place.simc,
                    "ulic": STREET_CODES[name],
                    "nazwa": name,
                    "class": "main" if name in MAIN_STREETS else "street",
                },
            )
            for place in LOCALITIES
            for name, line in _streets(place).items()
        ]

    def address_rows(self) -> list[Row]:
        by_street: dict[str, list[House]] = defaultdict(list)
        for house in self._houses():
            by_street[house.spot.street.key].append(house)
        return [
            row
            for place in LOCALITIES
            for name in [*_streets(place), ""]
            for row in _numbered(place, name, by_street[_key(place, name)])
        ]

    def _houses(self) -> list[House]:
        streets = [(place, street) for place in LOCALITIES for street in _walks(place)]
        ground = Ground(self.outline, [line for _, s in streets for line in s.lines], Polygon())
        spots = [
            spot for place, street in streets for spot in ground.fit(_spots_along(place, street))
        ]
        return build(spots, {place.simc: place.houses for place in LOCALITIES}, seed=SEED)


def _streets(place: Locality) -> dict[str, LineString]:
    east, north = place.middle
    return {
        name: LineString([(east + x, north + y) for x, y in line])
        for name, line in (place.streets or {}).items()
    }


def _walks(place: Locality) -> list[Street]:
    """The streets of a locality, or the one road along which its numbers run."""
    streets = [Street(_key(place, name), [line]) for name, line in _streets(place).items()]
    return streets or [Street(_key(place, ""), [_village_road(place)])]


def _key(place: Locality, name: str) -> str:
    return f"{place.simc}/{name}"


def _village_road(place: Locality) -> LineString:
    """A bending road through the middle, long enough for the houses; no layer shows it."""
    dice = Random(f"{SEED} road {place.simc}")
    bearing, half_m = dice.uniform(0, 180), 60 + place.houses * 9
    east, north = place.middle
    along = [-1.0, -0.5, 0.0, 0.5, 1.0]
    turns = [radians(bearing + dice.uniform(-22, 22)) for _ in along]
    return LineString(
        [
            (east + half_m * t * cos(turn), north + half_m * t * sin(turn))
            for t, turn in zip(along, turns, strict=True)
        ]
    )


def _spots_along(place: Locality, street: Street) -> list[Spot]:
    return spots_along(
        street,
        start=Point(place.middle),
        building_at=lambda _, point: _building(place, point),
        zone_at=lambda _: place.simc,
        seed=SEED,
    )


def _building(place: Locality, point: Point) -> Building:
    if place.streets is not TOWN:
        return FARM
    if BLOCKS.contains(point):
        return BLOCK
    return TOWN_HOUSE if point.distance(Point(place.middle)) < MARKET_M else FARM


def _numbered(place: Locality, name: str, houses: Sequence[House]) -> list[Row]:
    """Rows in order of their numbers: odd and even along a street, one by one through a village."""
    found = [house.spot.stand for house in houses]
    numbers = house_numbers(found) if name else [str(n) for n in range(1, len(found) + 1)]
    return [
        Row(
            house.spot.stand.point,
            {
                "simc": place.simc,
                "ulic": STREET_CODES.get(name, ""),
                "ulica": name,
                "numer": number,
                "kod": POSTCODE,
                "mieszkania": house.dwellings,
                "miejsca_pracy": house.jobs,
            },
        )
        for house, number in zip(houses, numbers, strict=True)
    ]
