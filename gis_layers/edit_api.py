"""REST of the map editor: reads a change set, and acts in it, each act one step to undo.

Without `?edition=` it is the layer's open change set, begun by the first act. Every act says which
state of the features it is meant for; the answer has their new states.
"""

from collections.abc import Sequence
from typing import Any, cast

from django.conf import settings
from django.contrib.gis.geos import Polygon
from django.db import transaction
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import StaffGminaView
from accounts.models import User
from gis_layers import changesets, edits
from gis_layers.content import Content
from gis_layers.crs import LONLAT, lonlat_to_2180, to_2180
from gis_layers.edit_forms import (
    BoardSerializer,
    BoxSerializer,
    ContentSerializer,
    EditedSerializer,
    MergeSerializer,
    MoveSerializer,
    NewFeatureSerializer,
    SettleSerializer,
    SplitSerializer,
    VertexSerializer,
    edited,
)
from gis_layers.errors import FeatureUnknown, VersionMissing
from gis_layers.geojson import geometry_of
from gis_layers.models import Edition, Layer
from gis_layers.states import State, find
from gis_layers.topology import XY

EDITION = OpenApiParameter("edition", int, description="a staged edition instead of the open one")
IF_MATCH = OpenApiParameter("If-Match", str, OpenApiParameter.HEADER, required=True)


class EditView(StaffGminaView):
    """A layer of the gmina and a change set of it, for GIS officers."""

    needs = "layer.write"

    def layer(self) -> Layer:
        return get_object_or_404(Layer, gmina=self.gmina, slug=self.kwargs["layer"])

    def edition(self) -> Edition | None:
        """The staged edition asked for, else the open change set if there is one."""
        layer = self.layer()
        asked = self.request.query_params.get("edition")
        if asked is None:
            return changesets.current_changeset(layer)
        staged = layer.editions.filter(state=Edition.State.STAGED)
        number = int(asked) if asked.isascii() and asked.isdigit() else None
        return get_object_or_404(staged.select_related("layer"), pk=number)

    def changeset(self) -> Edition:
        """As `edition`, begun where there is none."""
        return self.edition() or changesets.open_changeset(self.layer(), self.officer)

    @property
    def officer(self) -> User:
        return cast(User, self.request.user)  # VerifiedSessionAuthentication gives no other

    def asked(self, shape: type[serializers.Serializer[Any]]) -> dict[str, Any]:
        """The body as the serializer reads it. Raises ValidationError."""
        serializer = shape(data=self.request.data)
        serializer.is_valid(raise_exception=True)
        return cast(dict[str, Any], serializer.validated_data)

    def expected(self) -> str:
        """The ETag that the request is meant for."""
        if not (etag := self.request.headers.get("If-Match")):
            raise VersionMissing
        return etag

    def touched(self, edition: Edition, fids: Sequence[int], status: int = 200) -> Response:
        """The board with the features that an act touched."""
        states, gone = [], []
        for fid in dict.fromkeys(fids):
            try:
                states.append(changesets.state_of(edition, fid)[0])
            except FeatureUnknown:
                gone.append(fid)
        return self.board(edition, states, gone=gone, status=status)

    def board(
        self,
        edition: Edition | None,
        states: Sequence[State],
        *,
        gone: Sequence[int] = (),
        complete: bool = True,
        status: int = 200,
    ) -> Response:
        own = edition.steps.filter(by_id=self.officer.pk) if edition else None
        shown = {
            "edition": edition.pk if edition else None,
            "features": [edited(state) for state in states],
            "gone": gone,
            "complete": complete,
            "changes": edition.changes.count() if edition else 0,
            "conflicts": edits.conflicts(edition) if edition else [],
            "can_undo": own is not None and own.filter(undone=False).exists(),
            "can_redo": own is not None and own.filter(undone=True).exists(),
        }
        return Response(BoardSerializer(shown).data, status=status)


class BoardView(EditView):
    @extend_schema(
        operation_id="edit_board", parameters=[BoxSerializer, EDITION], responses=BoardSerializer
    )
    def get(self, request: Request, slug: str, layer: str) -> Response:
        """The features in a box as the change set would show them; none where they are too many."""
        serializer = BoxSerializer(data=request.query_params)
        serializer.is_valid(raise_exception=True)
        edition = self.edition()
        states = within_limit(self.layer(), edition, box_of(serializer.validated_data))
        return self.board(edition, states or [], complete=states is not None)


class DrawView(EditView):
    @extend_schema(
        operation_id="edit_draw",
        parameters=[EDITION],
        request=NewFeatureSerializer,
        responses={201: BoardSerializer},
    )
    @transaction.atomic
    def post(self, request: Request, slug: str, layer: str) -> Response:
        """A new feature; a district takes nothing from its neighbours. It is the answer's first."""
        content = Content(**members(self.asked(NewFeatureSerializer)))
        edition = self.changeset()
        return self.touched(edition, edits.draw(edition, content, self.officer), status=201)


class FeatureEditView(EditView):
    @extend_schema(operation_id="edit_feature", parameters=[EDITION], responses=EditedSerializer)
    def get(self, request: Request, slug: str, layer: str, fid: int) -> Response:
        """One feature as the change set would show it."""
        edition = self.edition()
        state = find(self.layer(), edition, fid)
        return Response(EditedSerializer(edited(state)).data, headers={"ETag": state.etag})

    @extend_schema(
        operation_id="edit_change",
        parameters=[EDITION, IF_MATCH],
        request=ContentSerializer,
        responses=BoardSerializer,
    )
    @transaction.atomic
    def patch(self, request: Request, slug: str, layer: str, fid: int) -> Response:
        """Change what is said of a feature; what isn't said stays."""
        expected, fields = self.expected(), members(self.asked(ContentSerializer))
        edition = self.changeset()
        return self.touched(edition, edits.change(edition, fid, fields, self.officer, expected))

    @extend_schema(
        operation_id="edit_remove", parameters=[EDITION, IF_MATCH], responses=BoardSerializer
    )
    @transaction.atomic
    def delete(self, request: Request, slug: str, layer: str, fid: int) -> Response:
        """Take a feature off the map, once this is published."""
        expected, edition = self.expected(), self.changeset()
        changesets.remove(edition, fid, self.officer, expected)
        return self.touched(edition, [fid])


class SettleView(EditView):
    @extend_schema(
        operation_id="edit_settle",
        parameters=[EDITION],
        request=SettleSerializer,
        responses=BoardSerializer,
    )
    @transaction.atomic
    def post(self, request: Request, slug: str, layer: str, fid: int) -> Response:
        """End a conflict with what was published meanwhile: keep the change, or that."""
        mine, edition = self.asked(SettleSerializer)["keep"] == "mine", self.changeset()
        return self.touched(edition, edits.settle(edition, fid, mine=mine, by=self.officer))


class MoveView(EditView):
    @extend_schema(
        operation_id="edit_move",
        parameters=[EDITION],
        request=MoveSerializer,
        responses=BoardSerializer,
    )
    @transaction.atomic
    def post(self, request: Request, slug: str, layer: str) -> Response:
        """Move a point of a border in every area that has it."""
        asked, edition = self.asked(MoveSerializer), self.changeset()
        ends = [position(point) for point in asked.get("side", [asked.get("start")] * 2)]
        # Half-way in metres: a straight line in degrees is none there.
        start = (ends[0][0] + ends[1][0]) / 2, (ends[0][1] + ends[1][1]) / 2
        fids = edits.move_border(
            edition, start, position(asked["end"]), self.officer, asked["seen"]
        )
        return self.touched(edition, fids)


class VertexView(EditView):
    @extend_schema(
        operation_id="edit_vertex_remove",
        parameters=[EDITION],
        request=VertexSerializer,
        responses=BoardSerializer,
    )
    @transaction.atomic
    def post(self, request: Request, slug: str, layer: str) -> Response:
        """Take a point out of a border, in every area that has it."""
        asked, edition = self.asked(VertexSerializer), self.changeset()
        at = position(asked["at"])
        return self.touched(edition, edits.remove_vertex(edition, at, self.officer, asked["seen"]))


class SplitView(EditView):
    @extend_schema(
        operation_id="edit_split",
        parameters=[EDITION],
        request=SplitSerializer,
        responses=BoardSerializer,
    )
    @transaction.atomic
    def post(self, request: Request, slug: str, layer: str) -> Response:
        """Divide a feature along a line; the largest part keeps its number."""
        asked, edition = self.asked(SplitSerializer), self.changeset()
        line = [position(point) for point in asked["line"]]
        fids = edits.split(edition, asked["fid"], line, self.officer, asked["seen"])
        return self.touched(edition, fids)


class MergeView(EditView):
    @extend_schema(
        operation_id="edit_merge",
        parameters=[EDITION],
        request=MergeSerializer,
        responses=BoardSerializer,
    )
    @transaction.atomic
    def post(self, request: Request, slug: str, layer: str) -> Response:
        """Make neighbours one: the first of them."""
        asked, edition = self.asked(MergeSerializer), self.changeset()
        fids = list(dict.fromkeys(asked["fids"]))
        return self.touched(edition, edits.merge(edition, fids, self.officer, asked["seen"]))


class UndoView(EditView):
    @extend_schema(
        operation_id="edit_undo", parameters=[EDITION], request=None, responses=BoardSerializer
    )
    def post(self, request: Request, slug: str, layer: str) -> Response:
        """Take one's own last step back."""
        edition = self.changeset()
        return self.touched(edition, changesets.undo(edition, self.officer))


class RedoView(EditView):
    @extend_schema(
        operation_id="edit_redo", parameters=[EDITION], request=None, responses=BoardSerializer
    )
    def post(self, request: Request, slug: str, layer: str) -> Response:
        """Do again what was taken back last."""
        edition = self.changeset()
        return self.touched(edition, changesets.redo(edition, self.officer))


def within_limit(layer: Layer, edition: Edition | None, box: Polygon) -> list[State] | None:
    """The features in a box (EPSG:2180); None where they have more vertices than can be edited."""
    found, count = [], 0
    for state in changesets.shown_of(layer, edition, box):
        count += state.content.geom.num_coords if state.content.geom else 0
        if count > settings.EDIT_MAX_VERTICES:
            return None
        found.append(state)
    return found


def box_of(said: dict[str, float]) -> Polygon:
    """The box in EPSG:2180 around one in EPSG:4326."""
    box = Polygon.from_bbox((said["west"], said["south"], said["east"], said["north"]))
    box.srid = LONLAT
    return to_2180(box)


def position(lonlat: Sequence[float]) -> XY:
    """Easting and northing in EPSG:2180. Raises SwappedAxes, OutsideCountry."""
    point = lonlat_to_2180(*lonlat)
    return point.x, point.y


def members(said: dict[str, Any]) -> dict[str, Any]:
    """The members of Content that were said; the geometry in EPSG:2180."""
    said = dict(said)
    if "geometry" in said:
        said["geom"] = geometry_of(said.pop("geometry"))
    return said
