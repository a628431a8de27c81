"""A gmina full of phones, and alerts sent to parts of it the way officers send them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.contrib.gis.geos import Polygon
from django.db import connection
from django.utils import timezone

from accounts.models import Gmina, User
from dispatch import compose
from dispatch.models import Alert, Batch, Message
from dispatch.sender import IN_FLIGHT
from residents.models import Device
from residents.tokens import encrypt_push, push_hash
from tests.builders import ORIGIN, make_district, make_gmina, make_kind, make_user

PHONES = 25_000
# What one sender may have on its way when it is killed (issue: at most 200).
AT_RISK = IN_FLIGHT * settings.SEND_BATCH
ROW, STEP_M = 250, 39.0  # phones of one row from west to east, metres between two
TEXT = {"pl": {"title": "Brak wody", "body": "Do 18:00 nie będzie wody."}}
# A resident, a phone and a home each, in one statement; the push targets come from Python.
FILL = """
WITH resident AS (
    INSERT INTO residents_resident (id, public_id, created_at)
    SELECT n, gen_random_uuid(), now() FROM generate_series(1, %(phones)s) AS n
), place AS (
    INSERT INTO residents_place (public_id, resident_id, gmina_id, kind, geom, accuracy_m, simc,
        method, created_at)
    SELECT gen_random_uuid(), n, %(gmina)s, 'home',
        ST_SetSRID(ST_MakePoint(
            %(x)s + %(step)s * ((n - 1) %% %(row)s), %(y)s + %(step)s * ((n - 1) / %(row)s)), 2180),
        0, '', 'none', now()
    FROM generate_series(1, %(phones)s) AS n
)
INSERT INTO residents_device (id, public_id, resident_id, secret_hash, platform, lang, push_kind,
    push_value_encrypted, push_hash, last_seen_at, created_at)
SELECT id, gen_random_uuid(), id, sha256(push_hash), 'android', 'pl', 'token',
    push_value_encrypted, push_hash, now(), now()
FROM push
"""


@dataclass(frozen=True)
class Town:
    """`PHONES` residents with a phone each, numbered row by row from the south-west."""

    gmina: Gmina
    editor: User
    approver: User

    def submit(self, phones: int, *, severity: str = "important") -> Alert:
        """An alert to the first so many phones (whole rows), waiting for its approval."""
        district = make_district(self.gmina, f"Pas {phones}", geom=_rows(phones // ROW))
        draft = {
            "kind": "woda",
            "severity": severity,
            "texts": TEXT,
            "parts": [{"kind": "feature", "fid": district.fid}],
            "expires_at": timezone.now() + timedelta(hours=6),
        }
        alert = compose.create_draft(self.gmina, draft, by=self.editor)
        return compose.submit(alert, by=self.editor)

    def send(self, phones: int, *, severity: str = "important") -> Message:
        """The frozen message of an alert that two people made and approved."""
        alert = self.submit(phones, severity=severity)
        compose.approve(alert, by=self.approver)
        return alert.messages.get()


def token_of(device_id: int) -> str:
    """The push target of a phone; the emulator knows it by nothing else."""
    return f"faults-{device_id}"


def settle() -> Town:
    """Fill an empty database: one gmina, its phones, two officers."""
    gmina = make_gmina("awarowo", name="Awarowo")
    make_kind(gmina, "woda")
    _fill(gmina)
    editor, approver = (
        make_user(f"{role}@awarowo.example", role, gmina=gmina) for role in ("editor", "approver")
    )
    return Town(gmina, editor, approver)


def tried_in_vain(message: Message) -> bool:
    """Whether something of it waits for its next try."""
    waiting = Batch.objects.filter(message_id=message.pk, state=Batch.State.WAITING)
    return waiting.filter(attempt__gt=0).exists()


def done(message: Message) -> int:
    """How many of its batches are final."""
    return Batch.objects.filter(message_id=message.pk, state=Batch.State.DONE).count()


def _fill(gmina: Gmina) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMP TABLE push (id bigint, push_value_encrypted bytea, push_hash bytea)"
        )
        with cursor.copy("COPY push FROM STDIN") as copy:
            copy.write("".join(_pushes()))
        where = {"x": ORIGIN[0] + 20, "y": ORIGIN[1] + 20, "step": STEP_M, "row": ROW}
        cursor.execute(FILL, where | {"phones": PHONES, "gmina": gmina.pk})
        cursor.execute("ANALYZE residents_resident, residents_device, residents_place")


def _pushes() -> Iterator[str]:
    for number in range(1, PHONES + 1):
        token = token_of(number)
        value, hashed = encrypt_push(token), push_hash(Device.PushKind.TOKEN, token)
        yield f"{number}\t\\\\x{value.hex()}\t\\\\x{hashed.hex()}\n"


def _rows(count: int) -> Polygon:
    west, south = ORIGIN
    polygon = Polygon.from_bbox((west, south, west + 10_000, south + count * STEP_M))
    polygon.srid = 2180
    return polygon
