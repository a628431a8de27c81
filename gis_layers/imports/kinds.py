"""What reading a file may find, feature by feature: codes and words."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy, gettext_noop, ngettext_lazy

from gis_layers.levels import BLOCKING, NOTE, WARNING, Kind

READING: Mapping[str, Kind] = {
    "axes_swapped": Kind(
        BLOCKING,
        ngettext_lazy(
            "%(count)d feature lies in place only with x and y exchanged: use --swap-axes",
            "%(count)d features lie in place only with x and y exchanged: use --swap-axes",
            "count",
        ),
    ),
    "not_in_country": Kind(
        BLOCKING,
        ngettext_lazy(
            "%(count)d feature is not in Poland: is the coordinate system right?",
            "%(count)d features are not in Poland: is the coordinate system right?",
            "count",
        ),
    ),
    "id_twice": Kind(
        BLOCKING,
        ngettext_lazy(
            "%(count)d identifier stands for several features",
            "%(count)d identifiers stand for several features each",
            "count",
        ),
    ),
    "outline_not_one": Kind(
        BLOCKING,
        gettext_lazy("The outline of a gmina is one feature; the file has several or none"),
    ),
    "nothing_left": Kind(
        BLOCKING,
        gettext_lazy("None of the file's features can be used"),
    ),
    "geometry_missing": Kind(
        WARNING,
        ngettext_lazy(
            "%(count)d feature without geometry, left out",
            "%(count)d features without geometry, left out",
            "count",
        ),
    ),
    "geometry_wrong_type": Kind(
        WARNING,
        ngettext_lazy(
            "%(count)d feature of another geometry type than the layer, left out",
            "%(count)d features of another geometry type than the layer, left out",
            "count",
        ),
        "{type}",
    ),
    "geometry_repaired": Kind(
        WARNING,
        ngettext_lazy(
            "%(count)d invalid geometry, repaired",
            "%(count)d invalid geometries, repaired",
            "count",
        ),
        gettext_noop("{reason} at {lon:.6f}, {lat:.6f}; size changed by {changed:,.2%}"),
    ),
    "geometry_broken": Kind(
        WARNING,
        ngettext_lazy(
            "%(count)d invalid geometry that cannot be repaired, left out",
            "%(count)d invalid geometries that cannot be repaired, left out",
            "count",
        ),
        gettext_noop("{reason} at {lon:.6f}, {lat:.6f}"),
    ),
    "geometry_unreadable": Kind(
        WARNING,
        ngettext_lazy(
            "%(count)d geometry that cannot be read, left out",
            "%(count)d geometries that cannot be read, left out",
            "count",
        ),
    ),
    "geometry_not_finite": Kind(
        WARNING,
        ngettext_lazy(
            "%(count)d geometry with a coordinate that is no number, left out",
            "%(count)d geometries with coordinates that are no numbers, left out",
            "count",
        ),
    ),
    "too_many_vertices": Kind(
        WARNING,
        ngettext_lazy(
            "%(count)d feature with too many vertices, left out",
            "%(count)d features with too many vertices, left out",
            "count",
        ),
        gettext_noop("{vertices} vertices"),
    ),
    "name_missing": Kind(
        WARNING,
        ngettext_lazy(
            "%(count)d feature without a name, left out",
            "%(count)d features without a name, left out",
            "count",
        ),
    ),
    "text_too_long": Kind(
        WARNING,
        ngettext_lazy(
            "%(count)d feature with too long a text, left out",
            "%(count)d features with too long a text, left out",
            "count",
        ),
        "{field}",
    ),
    "text_damaged": Kind(
        WARNING,
        ngettext_lazy(
            "%(count)d text with characters that cannot be read or kept, replaced",
            "%(count)d texts with characters that cannot be read or kept, replaced",
            "count",
        ),
        "{field}",
    ),
    "value_unusable": Kind(
        WARNING,
        ngettext_lazy(
            "%(count)d endless number, left empty",
            "%(count)d endless numbers, left empty",
            "count",
        ),
        "{field}",
    ),
    "duplicate": Kind(
        WARNING,
        ngettext_lazy(
            "%(count)d feature is in the file twice, kept once",
            "%(count)d features are in the file twice, kept once",
            "count",
        ),
    ),
    "code_malformed": Kind(
        WARNING,
        ngettext_lazy(
            "%(count)d code that is none, ignored",
            "%(count)d codes that are none, ignored",
            "count",
        ),
        "{value}",
    ),
    "code_names_differ": Kind(
        WARNING,
        ngettext_lazy(
            "%(count)d code goes with several names",
            "%(count)d codes go with several names each",
            "count",
        ),
        "{names}",
    ),
    "code_unknown": Kind(
        WARNING,
        ngettext_lazy(
            "%(count)d unit whose code TERC doesn't know",
            "%(count)d units whose codes TERC doesn't know",
            "count",
        ),
        "{value}",
    ),
    "unit_without_polygon": Kind(
        WARNING,
        ngettext_lazy(
            "%(count)d gmina of TERC has no polygon",
            "%(count)d gminas of TERC have no polygon",
            "count",
        ),
        "{value}",
    ),
    "street_unknown": Kind(
        WARNING,
        ngettext_lazy(
            "%(count)d street of the addresses is not in the gmina's layer of streets",
            "%(count)d streets of the addresses are not in the gmina's layer of streets",
            "count",
        ),
        gettext_noop("{addresses} addresses"),
    ),
    "street_ambiguous": Kind(
        WARNING,
        ngettext_lazy(
            "%(count)d street of the addresses may be one of several: use --simc-field",
            "%(count)d streets of the addresses may be one of several: use --simc-field",
            "count",
        ),
        gettext_noop("{addresses} addresses"),
    ),
    "number_missing": Kind(
        WARNING,
        ngettext_lazy(
            "%(count)d address without a number, left out",
            "%(count)d addresses without a number, left out",
            "count",
        ),
    ),
    "encoding_guessed": Kind(
        NOTE,
        gettext_lazy("The file does not say how its texts are encoded, or says it wrongly"),
        gettext_noop("read as {encoding}"),
    ),
    "heights_dropped": Kind(
        NOTE,
        gettext_lazy("Heights and measures are not kept"),
        gettext_noop("{features} features"),
    ),
    "curves_drawn": Kind(
        NOTE,
        gettext_lazy("Arcs are kept as lines of short steps"),
        gettext_noop("{features} features"),
    ),
    "feature_split": Kind(
        NOTE,
        ngettext_lazy(
            "%(count)d feature was split: its largest part keeps its number",
            "%(count)d features were split: their largest parts keep the numbers",
            "count",
        ),
        gettext_noop("{parts} parts"),
    ),
    "code_changed": Kind(
        NOTE,
        ngettext_lazy(
            "%(count)d unit has another code today",
            "%(count)d units have other codes today",
            "count",
        ),
        "{value} → {today}",
    ),
    "no_register": Kind(
        NOTE,
        gettext_lazy("TERYT is not loaded: codes were not compared with it"),
    ),
}
