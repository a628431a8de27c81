"""What the hotline is asked: does a running alert concern this address?"""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Gmina
from dispatch import feed, overview, queries
from dispatch.models import Alert
from dispatch.overview import Row
from dispatch.states import RUNNING
from gis_layers.search import Hit, search
from gis_layers.search_words import QUERY_MAX

HITS_MAX = 20


class LookupForm(forms.Form):
    q = forms.CharField(label=_("Address"), max_length=QUERY_MAX, required=False)


@dataclass(frozen=True)
class Found:
    """An address and the running alerts that reach people there."""

    address: Hit
    alerts: list[Row]


def running(gmina: Gmina) -> list[Row]:
    return overview.rows(overview.alerts_of(gmina).filter(state__in=RUNNING))


def look_up(gmina: Gmina, q: str) -> list[Found]:
    """Addresses that answer `q`, best first, each with its alerts."""
    return [Found(hit, alerts_at(gmina, hit)) for hit in search(gmina, q, ("address",), HITS_MAX)]


def alerts_at(gmina: Gmina, address: Hit) -> list[Row]:
    """The running alerts that somebody who declared this address as a place is told of."""
    aims = feed.locality_aims(Alert.objects.filter(gmina=gmina, state__in=RUNNING))
    parameters: dict[str, Any] = {
        "gmina": gmina.pk,
        "address": address.fid,
        "locality_alerts": [alert_id for alert_id, _simc in aims],
        "locality_simcs": [simc for _alert_id, simc in aims],
    }
    ids = [row["id"] for row in queries.rows("alerts_at_address", **parameters)]
    return overview.rows(overview.alerts_of(gmina).filter(pk__in=ids))
