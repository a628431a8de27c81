"""Places attached anew after a publication: by fid, else code, else address, else reported.

A publication writes a Reattachment in its own transaction (receivers.py) and a job works it
(jobs.py). The steps look only at what is published now and what was before, so that a run may be
repeated, and one that was lost with Redis is caught up by the next. A renamed street, its code
gone and a new one on the same line or addresses, carries its people over.
"""

import logging
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from importlib.resources import files
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from accounts.models import Gmina
from gis_layers.locate import Asked, attach_many
from gis_layers.models import Edition, Layer, LayerKind
from gis_layers.outlines import OWN_SLUG, gmina_outline
from residents.models import Place, Reattachment
from residents.signals import place_changed
from residents.tokens import encrypt_text
from residents.whereabouts import ATTACHMENT_COLUMNS, hang, lock_attaching, reconsider_gmina
from residents.wording import wordings

logger = logging.getLogger(__name__)

SQL = files("residents") / "sql"
# A street is another's heir where it runs this near to at least half of its line, or has at least
# half of its addresses.
HEIR_NEAR_M = 10
HEIR_SHARE = 0.5
CHUNK = 500  # places locked and written at once where each is worked by itself


def is_concerned(layer: Layer) -> bool:
    """Whether places hang on what this layer shows: streets, addresses, outlines of gminas."""
    outline = layer.gmina_id is None or layer.slug == OWN_SLUG
    return layer.kind in {LayerKind.STREET, LayerKind.ADDRESS} or (
        layer.kind == LayerKind.TERYT_UNIT and outline
    )


def run_pending() -> int:
    """Work every publication that waits; how many. Safe to run twice and at the same time."""
    done = 0
    while _run_one():
        done += 1
    return done


@transaction.atomic
def _run_one() -> bool:
    """Work the oldest waiting publication that nobody else works; False where there is none."""
    waiting = Reattachment.objects.filter(done_at=None).order_by("pk")
    run = waiting.select_for_update(skip_locked=True).first()
    if run is None:
        return False
    layer = Edition.objects.select_related("layer__gmina").get(pk=run.edition_id).layer
    counts: Counter[str] = Counter()
    for gmina in [layer.gmina] if layer.gmina else Gmina.objects.order_by("pk"):
        counts += reattach(gmina, layer)
    run.done_at, run.report = timezone.now(), dict(counts)
    run.save()
    logger.info("places reattached", extra={"edition_id": run.edition_id, **counts})
    return True


def reattach(gmina: Gmina, layer: Layer) -> Counter[str]:
    """Attach a gmina's places to what is published now; how many of them changed at which step."""
    lock_attaching(gmina)
    counts: Counter[str] = Counter()
    changed: set[int] = set()
    steps = _outline_steps if layer.kind == LayerKind.TERYT_UNIT else _street_steps
    for step, ids in steps(gmina):
        counts[step] += len(ids)
        changed.update(ids)
    _rewrite_addresses(changed)
    if changed:
        place_changed.send(sender=Place, place_ids=sorted(changed))
    return counts + _lost(gmina)


def _street_steps(gmina: Gmina) -> Iterator[tuple[str, list[int]]]:
    """The steps after streets or addresses changed: name, ids of the places that changed.

    Streets are carried twice: the address search needs the renamed street, and what it and the
    positions find may hang on a street that went before the address register heard of it.
    """
    yield "address_kept", _changed("follow_addresses", gmina=gmina.pk)
    yield from _carry_streets(gmina)
    yield from _find_addresses(gmina)
    yield "position", _attach_positions(gmina)
    yield from _carry_streets(gmina)


def _carry_streets(gmina: Gmina) -> Iterator[tuple[str, list[int]]]:
    heirs: dict[str, dict[int, int]] = {}
    for old, new, how in _rows("successors", gmina=gmina.pk, near_m=HEIR_NEAR_M, share=HEIR_SHARE):
        heirs.setdefault(how, {})[old] = new
    for how, heir in heirs.items():
        ids = _changed("carry_streets", gmina=gmina.pk, old=list(heir), new=list(heir.values()))
        yield f"street_by_{how}", ids


def _find_addresses(gmina: Gmina) -> Iterator[tuple[str, list[int]]]:
    found = _rows("find_addresses", gmina=gmina.pk)
    for how in ("code", "address"):
        yield f"address_by_{how}", [place_id for place_id, by in found if by == how]


def _attach_positions(gmina: Gmina) -> list[int]:
    """Attach every place that was given by its position anew; ids of those that changed."""
    by_position = Place.objects.filter(gmina=gmina).exclude(method=Place.Method.DECLARED)
    changed = []
    for ids in _chunks(list(by_position.order_by("pk").values_list("pk", flat=True))):
        places = list(by_position.filter(pk__in=ids).select_for_update().order_by("pk"))
        asked = [Asked(place.pk, place.geom, place.accuracy_m) for place in places]
        found = attach_many(asked, gmina)
        moved = [place for place in places if hang(place, found[place.pk])]
        Place.objects.bulk_update(moved, ATTACHMENT_COLUMNS)
        changed += [place.pk for place in moved]
    return changed


def _outline_steps(gmina: Gmina) -> Iterator[tuple[str, list[int]]]:
    """The step after outlines changed: places that this gmina's outline takes in or lets go."""
    outline = gmina_outline(gmina)
    if outline is None:
        return
    doubtful = _changed("doubtful_gmina", gmina=gmina.pk, outline=outline.geom.hexewkb.decode())
    places = (
        place
        for ids in _chunks(doubtful)
        for place in Place.objects.select_for_update(of=("self",))
        .select_related("gmina")
        .filter(pk__in=ids)
        .order_by("pk")
    )
    yield "gmina", [place.pk for place in places if reconsider_gmina(place)]


def _rewrite_addresses(place_ids: Collection[int]) -> None:
    """Keep the words of the new addresses, for when the register has them no more."""
    for ids in _chunks(sorted(place_ids)):
        places = list(Place.objects.filter(pk__in=ids).order_by("pk"))
        for place, words in zip(places, wordings(places), strict=True):
            place.address_encrypted = encrypt_text(words.address) if words.address else None
        Place.objects.bulk_update(places, ["address_encrypted"])


def _lost(gmina: Gmina) -> Counter[str]:
    """Places left on a street or an address that is gone and has no heir: for the report."""
    streets, addresses = _rows("lost", gmina=gmina.pk)[0]
    return Counter(lost_street=streets, lost_address=addresses)


def _chunks(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    return (ids[start : start + CHUNK] for start in range(0, len(ids), CHUNK))


def _rows(name: str, **parameters: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute((SQL / f"{name}.sql").read_text(encoding="utf-8"), parameters)
        return cursor.fetchall()


def _changed(name: str, **parameters: Any) -> list[int]:
    """The place ids that a statement returns."""
    return [row[0] for row in _rows(name, **parameters)]
