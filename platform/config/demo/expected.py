"""Whom the main job must reach, asked of the database by a query of its own."""

from dataclasses import dataclass
from importlib.resources import files

from django.db import connection

from residents.simulated import phone_of
from residents.tokens import decrypt_push

EXPECTED = (files("config.demo") / "sql" / "expected.sql").read_text()


@dataclass(frozen=True)
class Expected:
    """Residents by id, push targets in the clear; guests are those who registered by themselves."""

    residents: frozenset[int]
    tokens: frozenset[str]
    guests: frozenset[int]

    @property
    def simulated(self) -> int:
        """Residents with a simulated phone."""
        return len(self.residents - self.guests)


def expected(*, gmina: str, street: str, kind: str) -> Expected:
    with connection.cursor() as cursor:
        cursor.execute(EXPECTED, {"gmina": gmina, "street": street, "muted_kind": kind})
        rows = [(pk, decrypt_push(value)) for pk, value in cursor.fetchall()]
    simulated = {pk for pk, token in rows if phone_of(token)}
    residents = frozenset(pk for pk, _ in rows)
    return Expected(residents, frozenset(token for _, token in rows), residents - simulated)
