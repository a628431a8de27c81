"""A gmina keeps its people, layers and pages when TERC gives it another code."""

from datetime import date

from django.utils.translation import gettext as _

from accounts.models import Gmina, GminaCode, User
from audit.record import record
from audit.verbs import Verb
from teryt.codes import WHOLE_GMINA, Terc, parse_terc
from teryt.models import Difference, Release, Unit


def follow(release: Release, *, by: User | None) -> list[str]:
    """After a release of TERC: give our gminas the codes they have now; sentences about the rest.

    A change of kind alone keeps the first six digits. Where those changed, only a file of changes
    says into which: without one a person has to (`recode`).
    """
    lost = []
    for gmina in Gmina.objects.order_by("pk"):
        if is_in_force(gmina.terc):
            continue
        now = same_place(gmina) or recoded(gmina, release)
        if now:
            recode(gmina, now, on=release.state_on, by=by)
        elif Unit.objects.filter(terc=gmina.terc).exists():
            told = _(
                "%(gmina)s (%(terc)s) is no longer in TERC: manage.py gmina_recode %(slug)s CODE"
            )
            lost.append(told % {"gmina": gmina.name, "terc": gmina.terc, "slug": gmina.slug})
    return lost


def recode(gmina: Gmina, now: Terc, *, on: date, by: User | None) -> None:
    """Give a gmina another code; the old one is kept, since older files still carry it."""
    before = gmina.terc
    GminaCode.objects.update_or_create(terc=before, defaults={"gmina": gmina, "until": on})
    GminaCode.objects.filter(gmina=gmina, terc=str(now)).delete()
    gmina.terc6, gmina.rodz, gmina.kind = now.terc6, now.rodz, Gmina.KIND_OF_RODZ[now.rodz]
    gmina.save(update_fields=["terc6", "rodz", "kind"])
    record(
        Verb.GMINA_RECODED,
        by=by,
        gmina=gmina,
        target_kind="gmina",
        target_id=gmina.pk,
        before=before,
        after=gmina.terc,
    )


def is_in_force(terc: str) -> bool:
    return Unit.objects.filter(terc=terc, closed_on=None).exists()


def same_place(gmina: Gmina) -> Terc | None:
    """The gmina under the same six digits, of another kind."""
    found = Unit.objects.filter(terc6=gmina.terc6, closed_on=None, terc__regex=rf"[{WHOLE_GMINA}]$")
    unit = found.first()
    return parse_terc(unit.terc) if unit else None


def recoded(gmina: Gmina, release: Release) -> Terc | None:
    """The code into which the release says that the gmina's was changed."""
    changes = release.differences.filter(op=Difference.Op.RECODED, terc6_before=gmina.terc6)
    for change in changes:
        now = parse_terc(change.key)
        if now.rodz and now.rodz in WHOLE_GMINA:
            return now
    return None
