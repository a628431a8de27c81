"""The rows of a draft: its words, its parts, its number."""

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from django.utils import timezone

from accounts.models import Gmina
from dispatch import areas, parts, queries
from dispatch.models import Alert, AlertText, AreaPart

POLAND = ZoneInfo("Europe/Warsaw")


def write_texts(alert: Alert, texts: Mapping[str, Mapping[str, str]]) -> None:
    """Replace the words; `texts` {lang: {title, body, instruction}}."""
    alert.texts.all().delete()
    AlertText.objects.bulk_create(
        AlertText(alert=alert, lang=lang, **text) for lang, text in texts.items()
    )


def write_parts(alert: Alert, data: object) -> None:
    """Replace the parts; a draft may have none yet, and its shapes must be inside all the same."""
    chosen = areas.parse_parts(alert.gmina, data) if data != [] else []
    if chosen:
        areas.resolve(alert.gmina, chosen)
    alert.parts.all().delete()
    rows = [parts.to_row(part, position) for position, part in enumerate(chosen)]
    for row in rows:
        row.alert = alert
    AreaPart.objects.bulk_create(rows)


def keep_editions(alert: Alert, area: areas.Area) -> None:
    """The parts as they stand on the map that was aimed with."""
    rows = list(alert.parts.all())
    for row, part in zip(rows, area.parts, strict=True):
        row.layer_id, row.edition_number, row.label = part.layer_id, part.edition_number, part.label
    AreaPart.objects.bulk_update(rows, ["layer_id", "edition_number", "label"])


def next_ref(gmina: Gmina) -> str:
    """ "{slug}-{year}-{number}", the year as in Poland; numbers are never given twice."""
    year = timezone.now().astimezone(POLAND).year
    [row] = queries.rows("next_number", gmina=gmina.pk, year=year)
    return f"{gmina.slug}-{year}-{row['last']}"
