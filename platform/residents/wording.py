"""Places in words, for the resident's own app: "Główna 12a", "ul. Główna", "Kowale"."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from gis_layers.models import AddressPoint, Feature
from gis_layers.search import address_label
from residents.models import Place
from residents.tokens import decrypt_text
from teryt.models import Locality
from teryt.names import street_label


@dataclass(frozen=True)
class Wording:
    """A place's address, street and locality; None for what is not known of it."""

    address: str | None
    street: str | None
    locality: str | None


@dataclass(frozen=True)
class Published:
    """What is published now of the things that places hang on, by fid and SIMC."""

    addresses: Mapping[int, AddressPoint]
    street_names: Mapping[int, str]
    localities: Mapping[str, str]


def wordings(places: Sequence[Place]) -> list[Wording]:
    """Each place in words, in the same order; three queries however many they are.

    An address that left the register keeps the words it had when the place was attached.
    """
    published = _published(places)
    return [_wording(place, published) for place in places]


def _published(places: Sequence[Place]) -> Published:
    address_fids = _known(place.address_point_fid for place in places)
    addresses = {a.fid: a for a in AddressPoint.objects.filter(fid__in=address_fids, until=None)}
    streets = Feature.objects.filter(
        fid__in=_known(place.street_fid for place in places), until=None
    )
    localities = Locality.objects.filter(simc__in={place.simc for place in places})
    return Published(
        addresses,
        dict(streets.values_list("fid", "name")),
        dict(localities.values_list("simc", "name")),
    )


def _known(fids: Iterable[int | None]) -> set[int]:
    return {fid for fid in fids if fid is not None}


def _wording(place: Place, published: Published) -> Wording:
    point = published.addresses.get(place.address_point_fid or 0)
    name = published.street_names.get(place.street_fid or 0) or (point and point.street_name)
    street = street_label(name) if name else None
    locality = published.localities.get(place.simc)
    on = street or locality
    address = address_label(on, point.number) if point and on else _kept_words(place)
    return Wording(address, street, locality)


def _kept_words(place: Place) -> str | None:
    if place.address_point_fid is None or place.address_encrypted is None:
        return None
    return decrypt_text(place.address_encrypted)
