"""The conformance classes that this API declares; tests/gis_layers/ogc holds it to each."""

FEATURES = "http://www.opengis.net/spec/ogcapi-features-{part}/1.0/conf/{name}"
CQL2 = "http://www.opengis.net/spec/cql2/1.0/conf/{name}"

PARTS = {
    1: ("core", "oas30", "geojson", "html"),
    2: ("crs",),
    3: ("queryables", "queryables-query-parameters", "filter", "features-filter"),
    # Part 4 is a draft (20-002r1).
    4: ("create-replace-delete", "update", "features", "optimistic-locking-etags"),
}
FILTERS = (
    "cql2-text",
    "cql2-json",
    "basic-cql2",
    "advanced-comparison-operators",
    "case-insensitive-comparison",
    "basic-spatial-functions",
    "basic-spatial-functions-plus",
    "spatial-functions",
    "property-property",
)
CLASSES = [
    *(FEATURES.format(part=part, name=name) for part, names in PARTS.items() for name in names),
    *(CQL2.format(name=name) for name in FILTERS),
]
