"""The package's models, a file for each subject."""

from gis_layers.models.differences import Difference
from gis_layers.models.districts import DistrictList
from gis_layers.models.edits import EditStep, StepState
from gis_layers.models.findings import Acknowledgement, Finding
from gis_layers.models.imports import ImportRun, UploadPart, WfsSource
from gis_layers.models.layers import (
    SRID,
    TILE_SRID,
    AddressPoint,
    Edition,
    Feature,
    FeatureChange,
    Layer,
    LayerKind,
    MapRevision,
)
from gis_layers.models.tiles import TileCopy

__all__ = [
    "SRID",
    "TILE_SRID",
    "Acknowledgement",
    "AddressPoint",
    "Difference",
    "DistrictList",
    "EditStep",
    "Edition",
    "Feature",
    "FeatureChange",
    "Finding",
    "ImportRun",
    "Layer",
    "LayerKind",
    "MapRevision",
    "StepState",
    "TileCopy",
    "UploadPart",
    "WfsSource",
]
