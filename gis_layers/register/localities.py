"""Localities that no district covers."""

from django.db.models import Exists, OuterRef

from accounts.models import Gmina
from gis_layers.models import AddressPoint, Feature, LayerKind
from teryt.localities import localities_of
from teryt.models import Locality


def without_district(gmina: Gmina) -> list[Locality]:
    """Whole localities of which no published district is, by SIMC or name, or has an address.

    What a part of a locality has, the locality has.
    """
    localities = list(localities_of(gmina.terc6))
    districts = Feature.objects.filter(
        layer__gmina=gmina, layer__kind=LayerKind.DISTRICT, until=None
    )
    told = set(districts.values_list("simc", flat=True))
    named = set(districts.values_list("search_name", flat=True))
    simcs = {one.simc for one in localities if one.simc in told or one.search_name in named}
    simcs |= with_covered_address(gmina, {one.simc for one in localities} - simcs)
    covered = {one.parent_simc for one in localities if one.simc in simcs}
    return [one for one in localities if one.simc == one.parent_simc and one.simc not in covered]


def with_covered_address(gmina: Gmina, simcs: set[str]) -> set[str]:
    """Of these localities the ones with an address in a district."""
    around = Feature.objects.filter(
        layer__gmina=gmina,
        layer__kind=LayerKind.DISTRICT,
        until=None,
        geom__intersects=OuterRef("geom"),
    )
    addresses = AddressPoint.objects.filter(layer__gmina=gmina, until=None, simc=OuterRef("simc"))
    found = Locality.objects.filter(
        Exists(addresses.filter(Exists(around))), simc__in=simcs, closed_on=None
    )
    return set(found.values_list("simc", flat=True))
