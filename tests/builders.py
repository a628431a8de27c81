"""Builders of rows for tests, in EPSG:2180 metres around a corner a reader can draw.

ORIGIN is the south-west corner of the test gmina (x easting, y northing); `at(10, 20)` is the
point 10 m east and 20 m north of it. The gmina is a square of 10 km unless told otherwise.
"""

import hashlib
import itertools
import time
import uuid
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.contrib.gis.geos import GEOSGeometry, LineString, MultiLineString, Point, Polygon
from django.db import connection
from django.test import Client
from django.utils import timezone
from django_otp import DEVICE_ID_SESSION_KEY
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts.confirm import SESSION_KEY as CONFIRMED_AT
from accounts.models import Gmina, Membership, User
from dispatch.masking import Count, Told
from dispatch.models import (
    Alert,
    AreaPart,
    AreaPiece,
    Batch,
    Delivery,
    Kind,
    Message,
    MessageText,
)
from gis_layers import editions, findings
from gis_layers.models import AddressPoint, Edition, Feature, FeatureChange, Layer
from residents.models import Device, Place, Resident
from teryt.models import Locality
from teryt.names import normal_form

ORIGIN = (500_000.0, 270_000.0)
SECRET = "test-secret"
_numbers = itertools.count(1)


def at(x: float, y: float) -> Point:
    return Point(ORIGIN[0] + x, ORIGIN[1] + y, srid=2180)


def line(*points: tuple[float, float]) -> MultiLineString:
    return MultiLineString(LineString([at(*p).coords for p in points], srid=2180), srid=2180)


def square(x: float, y: float, size: float) -> Polygon:
    """The square with its south-west corner at (x, y)."""
    west, south = ORIGIN[0] + x, ORIGIN[1] + y
    polygon = Polygon.from_bbox((west, south, west + size, south + size))
    polygon.srid = 2180
    return polygon


def next_fid() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('gis_layers_fid')")
        return int(cursor.fetchone()[0])


def make_gmina(
    slug: str = "testowo", *, outline: GEOSGeometry | None = None, **fields: Any
) -> Gmina:
    """A gmina with its published outline: 10 km square at (0, 0) unless given."""
    n = next(_numbers)
    gmina = Gmina.objects.create(
        slug=slug,
        name=fields.pop("name", slug.capitalize()),
        office=fields.pop("office", f"Urząd Gminy {slug.capitalize()}"),
        kind=fields.pop("kind", Gmina.Kind.RURAL),
        terc6=fields.pop("terc6", f"{240000 + n}"),
        rodz=fields.pop("rodz", "2"),
        **fields,
    )
    layer = make_layer(gmina, "granica", kind=Layer.Kind.TERYT_UNIT, geometry_type="polygon")
    make_feature(layer, geom=outline or square(0, 0, 10_000), code=gmina.terc, name=gmina.name)
    return gmina


def make_layer(
    gmina: Gmina | None, slug: str, *, kind: str, geometry_type: str, **fields: Any
) -> Layer:
    """A layer with one published, so far empty, edition."""
    layer = Layer.objects.create(
        gmina=gmina,
        slug=slug,
        kind=kind,
        geometry_type=geometry_type,
        title_pl=fields.pop("title_pl", slug),
        title_en=fields.pop("title_en", slug),
        edition_number=1,
        **fields,
    )
    Edition.objects.create(
        layer=layer, state="published", number=1, base_number=0, published_at="2026-01-01T00:00:00Z"
    )
    return layer


def make_feature(
    layer: Layer,
    *,
    geom: GEOSGeometry,
    name: str = "",
    code: str = "",
    simc: str = "",
    **attrs: Any,
) -> Feature:
    """A feature shown since edition 1."""
    return Feature.objects.create(
        layer=layer,
        fid=next_fid(),
        code=code,
        name=name,
        simc=simc,
        search_name=normal_form(name),
        attrs=attrs,
        geom=geom,
        since=1,
    )


def publish(edition: Edition, by: User | None = None) -> Edition:
    """The edition published; whatever its report warns of, `by` accepts."""
    findings.refresh(edition)
    findings.acknowledge(edition, findings.unacknowledged(edition), by)
    return editions.publish(edition, by)


def replacing(row: Feature, **changed: Any) -> FeatureChange:
    """The change that puts the published feature itself in its place, but for what is given."""
    names = ("name", "code", "simc", "attrs", "geom", "search_name")
    kept = {name: getattr(row, name) for name in names}
    return FeatureChange(op=FeatureChange.Op.REPLACE, fid=row.fid, **(kept | changed))


def make_street(
    gmina: Gmina, name: str, *, geom: GEOSGeometry, simc: str = "0000001", **fields: Any
) -> Feature:
    layer = Layer.objects.filter(gmina=gmina, slug="ulice").first() or make_layer(
        gmina, "ulice", kind=Layer.Kind.STREET, geometry_type="line", public=True, title_pl="Ulice"
    )
    return make_feature(layer, geom=geom, name=name, simc=simc, **fields)


def make_district(gmina: Gmina, name: str, *, geom: GEOSGeometry, **fields: Any) -> Feature:
    layer = Layer.objects.filter(gmina=gmina, slug="osiedla").first() or make_layer(
        gmina,
        "osiedla",
        kind=Layer.Kind.DISTRICT,
        geometry_type="polygon",
        public=True,
        title_pl="Osiedla",
    )
    return make_feature(layer, geom=geom, name=name, **fields)


def make_locality(gmina: Gmina, name: str, simc: str, **fields: Any) -> Locality:
    """A village of the gmina in the register; a part of another with `parent_simc`."""
    return Locality.objects.create(
        simc=simc,
        terc6=gmina.terc6,
        rodz=gmina.rodz,
        rm=fields.pop("rm", "01"),
        name=name,
        parent_simc=fields.pop("parent_simc", simc),
        search_name=normal_form(name),
        state_on="2026-01-01",
        **fields,
    )


def make_address(
    gmina: Gmina,
    number: str,
    *,
    at: Point,
    street: Feature | None = None,
    simc: str = "0000001",
    **fields: Any,
) -> AddressPoint:
    layer = Layer.objects.filter(gmina=gmina, slug="adresy").first() or make_layer(
        gmina, "adresy", kind=Layer.Kind.ADDRESS, geometry_type="point", title_pl="Adresy"
    )
    return AddressPoint.objects.create(
        layer=layer,
        fid=next_fid(),
        simc=simc,
        street_fid=street.fid if street else None,
        number=number,
        geom=at,
        since=1,
        **fields,
    )


def make_user(email: str, *roles: str, gmina: Gmina | None = None, **fields: Any) -> User:
    """A member of staff with these roles in `gmina`; password "hasło-testowe-123"."""
    user = User.objects.create_user(
        email=email, password="hasło-testowe-123", name=email.split("@")[0].capitalize(), **fields
    )
    for role in roles:
        assert gmina is not None
        Membership.objects.create(user=user, gmina=gmina, role=role)
    return user


def make_totp(user: User) -> TOTPDevice:
    """The user's authenticator app; its secret is twenty zero bytes."""
    return TOTPDevice.objects.create(user=user, name="default", key="00" * 20)


def sign_in(client: Client, user: User) -> Client:
    """The client with the user's session, both factors given just now."""
    device = TOTPDevice.objects.filter(user=user).first() or make_totp(user)
    client.force_login(user)
    session = client.session
    session[DEVICE_ID_SESSION_KEY] = device.persistent_id
    session[CONFIRMED_AT] = int(time.time())
    session.save()
    return client


def make_resident() -> Resident:
    return Resident.objects.create()


def make_device(
    resident: Resident | None = None, *, token: str | None = None, **fields: Any
) -> Device:
    """A reachable Android phone whose secret is SECRET; `token=""` makes it unreachable."""
    from residents.tokens import encrypt_push, push_hash

    value = f"token-{uuid.uuid4()}" if token is None else token
    push: dict[str, Any] = {}
    if value:
        push = {
            "push_kind": "token",
            "push_value_encrypted": encrypt_push(value),
            "push_hash": push_hash("token", value),
        }
    return Device.objects.create(
        resident=resident or make_resident(),
        secret_hash=hashlib.sha256(SECRET.encode()).digest(),
        platform=fields.pop("platform", "android"),
        **push,
        **fields,
    )


def make_place(
    resident: Resident,
    gmina: Gmina | None,
    *,
    at: Point,
    street: Feature | None = None,
    **fields: Any,
) -> Place:
    return Place.objects.create(
        resident=resident,
        gmina=gmina,
        geom=at,
        kind=fields.pop("kind", "home"),
        street_fid=street.fid if street else None,
        method=fields.pop("method", "declared" if street else "none"),
        **fields,
    )


def make_kind(gmina: Gmina, code: str = "woda", **fields: Any) -> Kind:
    defaults = {"category": "awaria", "title_pl": code.capitalize(), "title_en": code} | fields
    return Kind.objects.get_or_create(gmina=gmina, code=code, defaults=defaults)[0]


def make_alert(gmina: Gmina, *, kind: str = "woda", state: str = "sending", **fields: Any) -> Alert:
    """An alert that is being sent, unless told otherwise; it expires in six hours."""
    return Alert.objects.create(
        gmina=gmina,
        ref=f"{gmina.slug}-2026-{next(_numbers)}",
        state=state,
        kind=make_kind(gmina, kind),
        severity=fields.pop("severity", "important"),
        author_id=fields.pop("author_id", 1),
        expires_at=fields.pop("expires_at", timezone.now() + timedelta(hours=6)),
        **fields,
    )


def aim(alert: Alert, *parts: dict[str, Any]) -> Alert:
    """Give an alert these parts: dicts of AreaPart's fields."""
    for position, part in enumerate(parts):
        AreaPart.objects.create(alert=alert, position=position, label="", **part)
    return alert


def make_piece(message: Message, geom: GEOSGeometry, reach_m: float | None) -> AreaPiece:
    """A piece of a frozen message's area; `reach_m` None: only to be drawn."""
    return AreaPiece.objects.create(message=message, part_position=0, geom=geom, reach_m=reach_m)


def told(residents: int, devices: int, unreachable: int = 0, muted: int = 0) -> dict[str, Any]:
    """Figures that an alert or a message keeps as they may be told: here all as they are."""
    return Told(*map(Count, (residents, devices, unreachable, muted))).to_json()


def make_message(
    alert: Alert,
    devices: Sequence[Device],
    *,
    batch: int = 100,
    texts: dict[str, tuple[str, str]] | None = None,
    **fields: Any,
) -> Message:
    """A frozen message to these devices in this order, `batch` deliveries a batch; none is sent."""
    frozen_at = fields.pop("frozen_at", timezone.now())
    residents = fields.pop("residents", len({device.resident_id for device in devices}))
    message = Message.objects.create(
        month=frozen_at.date().replace(day=1),
        alert=alert,
        gmina=alert.gmina,
        kind=fields.pop("kind", "alert"),
        severity=alert.severity,
        transport=fields.pop("transport", "emulator"),
        frozen_at=frozen_at,
        frozen_by_id=1,
        expires_at=alert.expires_at,
        area_hash="0" * 64,
        residents=residents,
        devices=len(devices),
        told=fields.pop("told", told(residents, len(devices))),
        **fields,
    )
    for lang, (title, body) in (texts or {"pl": ("Brak wody", "Do 18:00 nie ma wody.")}).items():
        MessageText.objects.create(message=message, lang=lang, title=title, body=body)
    for no, start in enumerate(range(0, len(devices), batch), start=1):
        _make_batch(message, no, devices[start : start + batch])
    return message


def _make_batch(message: Message, no: int, devices: Sequence[Device]) -> None:
    shared = {"month": message.month, "message_id": message.pk, "gmina_id": message.gmina_id}
    Batch.objects.create(
        no=no,
        n=len(devices),
        priority=["emergency", "important", "info"].index(message.severity),
        codes=[0] * len(devices),
        fcm_ids=[None] * len(devices),
        **shared,
    )
    Delivery.objects.bulk_create(
        Delivery(
            batch_no=no,
            pos=pos,
            endpoint_id=device.pk,
            resident_id=device.resident_id,
            place_kind="home",
            **shared,
        )
        for pos, device in enumerate(devices, start=1)
    )
