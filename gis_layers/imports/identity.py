"""Which published feature a feature of a file is: its fid survives the import."""

from collections.abc import Mapping, Sequence

from gis_layers.imports import staging
from gis_layers.models import Layer, LayerKind

# What features are known by, in this order (import_match.sql says what each is); a key counts only
# where it is one feature's on both sides.
KEYS: Mapping[str, Sequence[str]] = {LayerKind.ADDRESS: ("fid", "address", "shape")}
KEYS_ELSE = ("fid", "id", "code", "shape", "name")


def match(layer: Layer) -> int:
    """Match the rows of the file with the layer's features; how many it shows.

    What was left out is matched too: it stays as it is.
    """
    addresses = layer.kind == LayerKind.ADDRESS
    name = "imports/shown_addresses" if addresses else "imports/shown"
    shown = staging.run(name, layer=layer.pk)
    if shown:
        staging.run("imports/analyse_shown")
        for key in KEYS.get(layer.kind, KEYS_ELSE):
            staging.run("imports/match", key=key)
    return shown
