"""REST about layers: search, lists and features for staff; what is at a point for phones."""

from dataclasses import asdict
from typing import Any, cast

from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import language
from accounts.access import StaffGminaView
from accounts.models import Gmina
from accounts.throttles import OpenThrottle
from gis_layers.crs import lonlat_to_2180
from gis_layers.feature_list import (
    geojson,
    locality_rows,
    published_layers,
    rows,
    shown_features,
)
from gis_layers.located import located
from gis_layers.search import KINDS, search
from gis_layers.serializers import (
    AddressesSerializer,
    AddressQuerySerializer,
    FeatureRowSerializer,
    FeatureSerializer,
    HitSerializer,
    LayerSerializer,
    LocalitySerializer,
    LocatedSerializer,
    PositionSerializer,
    SearchQuerySerializer,
)


def asked(shape: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
    """The query string as the serializer reads it. Raises ValidationError."""
    serializer = shape(data=request.query_params)
    serializer.is_valid(raise_exception=True)
    return cast(dict[str, Any], serializer.validated_data)


# What each kind of hit needs; the hotline looks up addresses and sees no layers.
NEEDED = {kind: "address.lookup" if kind == "address" else "layer.read" for kind in KINDS}


class SearchView(StaffGminaView):
    needs = ("layer.read", "address.lookup")

    @extend_schema(
        operation_id="search",
        parameters=[SearchQuerySerializer],
        responses=HitSerializer(many=True),
    )
    def get(self, request: Request, slug: str) -> Response:
        """Streets, districts, localities, the gmina and addresses, best answer first."""
        query = asked(SearchQuerySerializer, request)
        hits = search(self.gmina, query["q"], self.kinds(query), query["limit"])
        return Response(HitSerializer(hits, many=True).data)

    def kinds(self, query: dict[str, Any]) -> list[str]:
        """The kinds asked for, each of which must be allowed; unasked, those that are."""
        allowed = [kind for kind in KINDS if NEEDED[kind] in self.actions]
        asked_for = query.get("kinds", allowed)
        if not set(asked_for) <= set(allowed):
            raise PermissionDenied
        return cast(list[str], asked_for)


class LayersView(StaffGminaView):
    needs = "layer.read"

    @extend_schema(operation_id="layer_list", responses=LayerSerializer(many=True))
    def get(self, request: Request, slug: str) -> Response:
        """The gmina's published layers."""
        return Response(LayerSerializer(published_layers(self.gmina), many=True).data)


class FeaturesView(StaffGminaView):
    needs = "layer.read"

    @extend_schema(operation_id="feature_list", responses=FeatureRowSerializer(many=True))
    def get(self, request: Request, slug: str, layer: str) -> Response:
        """The features of a layer in words, by name: the map for the keyboard."""
        get_object_or_404(published_layers(self.gmina), slug=layer)
        return Response(rows(shown_features(self.gmina, layer)))


class FeatureView(StaffGminaView):
    needs = "layer.read"

    @extend_schema(operation_id="feature_read", responses=FeatureSerializer)
    def get(self, request: Request, slug: str, layer: str, fid: int) -> Response:
        """One feature as GeoJSON."""
        return Response(geojson(get_object_or_404(shown_features(self.gmina, layer), fid=fid)))


class AnyFeatureView(StaffGminaView):
    needs = "layer.read"

    @extend_schema(operation_id="feature_read_any", responses=FeatureSerializer)
    def get(self, request: Request, slug: str, fid: int) -> Response:
        """One feature by its fid alone, which is one of all layers'."""
        return Response(geojson(get_object_or_404(shown_features(self.gmina), fid=fid)))


class LocalitiesView(StaffGminaView):
    needs = "layer.read"

    @extend_schema(operation_id="locality_list", responses=LocalitySerializer(many=True))
    def get(self, request: Request, slug: str) -> Response:
        """The gmina's localities with their parts, by name."""
        return Response(LocalitySerializer(locality_rows(self.gmina), many=True).data)


class PhoneView(APIView):
    """Open to a phone that has no secret yet; limited by its address."""

    authentication_classes = []
    permission_classes = []
    throttle_classes = [OpenThrottle]
    throttle_scope = "places"

    def perform_authentication(self, request: Request) -> None:
        """Nobody is asked for; the app only says its language."""
        language.follow(request)


class LocateView(PhoneView):
    @extend_schema(
        operation_id="locate",
        auth=[],
        parameters=[PositionSerializer],
        responses=LocatedSerializer,
    )
    def get(self, request: Request) -> Response:
        """Whose a position is and which addresses stand there. Nothing of it is kept."""
        position = asked(PositionSerializer, request)
        point = lonlat_to_2180(position["lon"], position["lat"])
        return Response(LocatedSerializer(located(point, position["accuracy"])).data)


class AddressesView(PhoneView):
    @extend_schema(
        operation_id="address_search",
        auth=[],
        parameters=[AddressQuerySerializer],
        responses=AddressesSerializer,
    )
    def get(self, request: Request) -> Response:
        """Addresses that answer what was typed, in one gmina or in all that take part."""
        query = asked(AddressQuerySerializer, request)
        gmina = get_object_or_404(Gmina, slug=query["gmina"]) if "gmina" in query else None
        hits = search(gmina, query["q"], ("address",), query["limit"])
        slugs = dict(Gmina.objects.values_list("pk", "slug"))
        results = [asdict(hit) | {"gmina": slugs[hit.gmina_id]} for hit in hits]
        return Response(AddressesSerializer({"results": results}).data)
