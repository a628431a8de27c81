"""Drawn people into the database: four COPYs in one transaction, seconds for 18,000 residents."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from importlib.resources import files
from itertools import islice
from struct import pack

from django.db import connection, transaction
from django.db.models import Model
from django.utils import timezone

from config.demo.doors import Doors
from config.demo.people import KINDS, LANGS, OUTSIDE, PLATFORMS, People
from gis_layers.models import SRID
from residents.authentication import secret_hash
from residents.models import Device, Mute, Place, Resident
from residents.simulated import SimulatedPhone, id_range, simulated_id
from residents.tokens import encrypt_push, encrypt_text, push_hash

COPY_ROWS = 5_000  # rows handed over at once
TABLES = (Resident, Device, Place, Mute)
LEAVE = (files("config.demo") / "sql" / "leave.sql").read_text()
# Little-endian EWKB of a point: byte order, type with the SRID flag, SRID; x and y follow.
POINT_HEADER = pack("<BII", 1, 0x2000_0001, SRID)
LOCATED_ACCURACY_M = 8.0
NULL = r"\N"  # COPY's text format


@transaction.atomic
def move_in(people: People, towns: Sequence[Doors], *, gmina: str, seed: int) -> None:
    """Store the people as the residents simulated for `gmina`, instead of those before them.

    Guests, who registered by themselves, stay. No signal is sent: alerts that run already don't
    look for them.
    """
    move_out(gmina)
    now = timezone.now()
    ids = _reserve(Resident, people.count)
    _copy(Resident, ("id", "public_id", "created_at"), _residents(people, ids, gmina, seed, now))
    _copy(Device, DEVICE_COLUMNS, _devices(people, ids, gmina, seed, now))
    _copy(Place, PLACE_COLUMNS, _places(people, ids, towns, gmina, seed, now))
    _copy(Mute, ("resident_id", "kind"), _mutes(people, ids))


def move_out(gmina: str) -> None:
    """Remove everybody simulated for this gmina."""
    first, last = id_range(gmina)
    with connection.cursor() as cursor:
        cursor.execute(LEAVE, {"first": first, "last": last})


def analyse() -> None:
    """Tell the planner how many there are now; outside the transaction that stores them."""
    with connection.cursor() as cursor:
        for model in TABLES:
            cursor.execute(f"ANALYZE {connection.ops.quote_name(model._meta.db_table)}")


def _reserve(model: type[Model], count: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
            [model._meta.db_table, count],
        )
        return [row[0] for row in cursor.fetchall()]


def _copy(model: type[Model], columns: Sequence[str], rows: Iterable[str]) -> None:
    quote = connection.ops.quote_name
    names = ", ".join(quote(column) for column in columns)
    with connection.cursor() as cursor:
        statement = f"COPY {quote(model._meta.db_table)} ({names}) FROM STDIN"
        with cursor.copy(statement) as copy:
            lines = iter(rows)
            while some := "".join(islice(lines, COPY_ROWS)):
                copy.write(some)


def _line(*values: object) -> str:
    return "\t".join(NULL if value is None else str(value) for value in values) + "\n"


def _bytea(value: bytes) -> str:
    return rf"\\x{value.hex()}"


def _residents(
    people: People, ids: Sequence[int], gmina: str, seed: int, now: datetime
) -> Iterator[str]:
    for number, (pk, days) in enumerate(zip(ids, people.joined_days.tolist(), strict=True)):
        yield _line(pk, simulated_id(gmina, seed, f"resident-{number}"), now - timedelta(days=days))


DEVICE_COLUMNS = (
    "public_id", "resident_id", "secret_hash", "platform", "lang", "push_kind",
    "push_value_encrypted", "push_hash", "last_seen_at", "created_at",
)  # fmt: skip


def _devices(
    people: People, ids: Sequence[int], gmina: str, seed: int, now: datetime
) -> Iterator[str]:
    phones, kind = people.phones, Device.PushKind.TOKEN.value
    columns = (phones.resident, phones.platform, phones.lang, phones.reachable, phones.seen_h)
    rows = zip(*(column.tolist() for column in columns), strict=True)
    for number, (resident, platform, lang, reachable, seen_h) in enumerate(rows, start=1):
        phone = SimulatedPhone(gmina, seed, number)
        push: tuple[str | None, ...] = (None, None, None)
        if reachable:
            value = _bytea(encrypt_push(phone.token))
            push = (kind, value, _bytea(push_hash(kind, phone.token)))
        joined = now - timedelta(days=people.joined_days[resident])
        seen = max(now - timedelta(hours=seen_h), joined)
        hashed = _bytea(secret_hash(phone.secret))
        who = (phone.public_id, ids[resident], hashed, PLATFORMS[platform], LANGS[lang])
        yield _line(*who, *push, seen, joined)


PLACE_COLUMNS = (
    "public_id", "resident_id", "kind", "created_at", "geom", "accuracy_m", "gmina_id",
    "address_point_fid", "address_encrypted", "simc", "street_fid", "method",
)  # fmt: skip


def _places(
    people: People, ids: Sequence[int], towns: Sequence[Doors], gmina: str, seed: int, now: datetime
) -> Iterator[str]:
    # One ciphertext a door: nobody's secret is in a simulated address, and it saves a minute.
    words = [[_bytea(encrypt_text(label)) for label in town.label] for town in towns]
    p = people.places
    columns = (p.resident, p.kind, p.town, p.door, p.located, p.xy)
    rows = zip(*(column.tolist() for column in columns), strict=True)
    for number, (resident, kind, town, door, located, (x, y)) in enumerate(rows):
        joined = now - timedelta(days=people.joined_days[resident])
        public_id = simulated_id(gmina, seed, f"place-{number}")
        geom = (POINT_HEADER + pack("<dd", x, y)).hex()
        accuracy_m = LOCATED_ACCURACY_M if located else 0
        where = (public_id, ids[resident], KINDS[kind], joined, geom, accuracy_m)
        if door == OUTSIDE:
            yield _line(*where, None, None, None, "", None, Place.Method.NONE.value)
        else:
            yield _line(*where, *_attachment(towns[town], door, words[town][door], located))


def _attachment(town: Doors, door: int, words: str, located: bool) -> tuple[object, ...]:
    """The columns from gmina_id on, as whereabouts.py would fill them."""
    method = Place.Method.NEAREST_ADDRESS if located else Place.Method.DECLARED
    street = town.street_fid[door]
    return town.gmina_id, town.fid[door], words, town.simc[door], street, method.value


def _mutes(people: People, ids: Sequence[int]) -> Iterator[str]:
    for kind, residents in people.muted.items():
        for resident in residents.tolist():
            yield _line(ids[resident], kind)
