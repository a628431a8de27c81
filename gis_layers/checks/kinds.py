"""What the checks of a whole edition may find: codes and words."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy, gettext_noop, ngettext_lazy

from gis_layers.levels import BLOCKING, NOTE, WARNING, Kind

AREA = gettext_noop("{m2:,.1f} m²")

CHECKED: Mapping[str, Kind] = {
    "geometry_invalid": Kind(
        BLOCKING,
        ngettext_lazy(
            "%(count)d feature has an invalid geometry",
            "%(count)d features have invalid geometries",
            "count",
        ),
        "{reason}",
    ),
    "geometry_unfit": Kind(
        BLOCKING,
        ngettext_lazy(
            "%(count)d feature has a geometry that the layer cannot hold",
            "%(count)d features have geometries that the layer cannot hold",
            "count",
        ),
        "{type}",
    ),
    "code_twice": Kind(
        BLOCKING,
        ngettext_lazy(
            "%(count)d code stands for several features",
            "%(count)d codes stand for several features each",
            "count",
        ),
        "{names}",
    ),
    "street_in_pieces": Kind(
        BLOCKING,
        ngettext_lazy(
            "%(count)d street comes in several pieces: join them by name",
            "%(count)d streets come in several pieces each: join them by name",
            "count",
        ),
        gettext_noop("{pieces} pieces"),
    ),
    "mostly_elsewhere": Kind(
        BLOCKING,
        gettext_lazy("Most of the layer lies outside the gmina"),
    ),
    "unnamed": Kind(
        WARNING,
        ngettext_lazy(
            "%(count)d feature has no name, or an address no number",
            "%(count)d features have no name, or addresses no number",
            "count",
        ),
    ),
    "overlap": Kind(
        WARNING,
        ngettext_lazy(
            "%(count)d pair of features that share ground",
            "%(count)d pairs of features that share ground",
            "count",
        ),
        gettext_noop("and {other}, {m2:,.1f} m²"),
    ),
    "gap": Kind(
        WARNING,
        ngettext_lazy(
            "%(count)d gap between features: ground that belongs to none",
            "%(count)d gaps between features: ground that belongs to none",
            "count",
        ),
        AREA,
    ),
    "sliver": Kind(
        WARNING,
        ngettext_lazy(
            "%(count)d sliver along a border: a strip that belongs to two features or to none",
            "%(count)d slivers along borders: strips that belong to two features or to none",
            "count",
        ),
        gettext_noop("{m2:,.1f} m², {width_m:,.2f} m wide"),
    ),
    "same_shape": Kind(
        WARNING,
        ngettext_lazy(
            "%(count)d shape belongs to several features",
            "%(count)d shapes belong to several features each",
            "count",
        ),
        gettext_noop("and {others}"),
    ),
    "outside_gmina": Kind(
        WARNING,
        ngettext_lazy(
            "%(count)d feature wholly outside the gmina",
            "%(count)d features wholly outside the gmina",
            "count",
        ),
        gettext_noop("{away_m:,.0f} m away"),
    ),
    "ulic_unknown": Kind(
        WARNING,
        ngettext_lazy(
            "%(count)d street code is not in ULIC",
            "%(count)d street codes are not in ULIC",
            "count",
        ),
        "{value}",
    ),
    "ulic_name_differs": Kind(
        WARNING,
        ngettext_lazy(
            "%(count)d street is named otherwise than in ULIC",
            "%(count)d streets are named otherwise than in ULIC",
            "count",
        ),
        gettext_noop("ULIC: {register}"),
    ),
    "names_alike": Kind(
        WARNING,
        ngettext_lazy(
            "%(count)d name differs from another only in case, diacritics or punctuation",
            "%(count)d names differ from another only in case, diacritics or punctuation",
            "count",
        ),
        gettext_noop("and {other}"),
    ),
    "name_twice": Kind(
        WARNING,
        ngettext_lazy(
            "%(count)d name stands for several features",
            "%(count)d names stand for several features each",
            "count",
        ),
        gettext_noop("{pieces} features"),
    ),
    "parts_far_apart": Kind(
        WARNING,
        ngettext_lazy(
            "%(count)d street with parts more than 500 m apart: is it one street?",
            "%(count)d streets with parts more than 500 m apart: is each one street?",
            "count",
        ),
        gettext_noop("{gap_m:,.0f} m apart"),
    ),
    "locality_missing": Kind(
        WARNING,
        ngettext_lazy(
            "%(count)d feature without a locality",
            "%(count)d features without a locality",
            "count",
        ),
    ),
    "crosses_edge": Kind(
        NOTE,
        ngettext_lazy(
            "%(count)d feature crosses the gmina's edge",
            "%(count)d features cross the gmina's edge",
            "count",
        ),
        gettext_noop("{outside:,.0f} {unit} outside"),
    ),
    "uncovered": Kind(
        NOTE,
        ngettext_lazy(
            "%(count)d part of the gmina belongs to no feature of the layer",
            "%(count)d parts of the gmina belong to no feature of the layer",
            "count",
        ),
        AREA,
    ),
    "code_missing": Kind(
        NOTE,
        ngettext_lazy(
            "%(count)d feature without a code of the register",
            "%(count)d features without codes of the register",
            "count",
        ),
    ),
    "address_twice": Kind(
        NOTE,
        ngettext_lazy(
            "%(count)d address has several points",
            "%(count)d addresses have several points each",
            "count",
        ),
        gettext_noop("{points} points"),
    ),
    "no_outline": Kind(
        NOTE,
        gettext_lazy("The gmina has no outline yet: whether features lie in it was not checked"),
    ),
    "no_ulic": Kind(
        NOTE,
        gettext_lazy("ULIC is not loaded: streets were not compared with it"),
    ),
}
