"""What GDAL may do in the reader's process, by its environment.

Files are told apart before GDAL sees them (formats.py); still it has no driver but those, for
several of the others follow paths and web addresses that stand in a file. The network is closed by
a proxy that is not there.
"""

# All vector drivers of pyogrio's GDAL 3.12 but ours; a test fails when it brings others.
SKIPPED = (
    "PCIDSK", "PDS4", "VICAR", "PDF", "MBTiles", "EEDA", "OGCAPI", "GDALG", "MapInfo File",
    "LVBAG", "S57", "DGN", "OGR_VRT", "CSV", "GPX", "LIBKML", "KML", "GeoJSONSeq", "ESRIJSON",
    "TopoJSON", "OGR_GMT", "SQLite", "WAsP", "OpenFileGDB", "DXF", "GeoRSS", "VFK", "PGDUMP",
    "OSM", "GPSBabel", "OGR_PDS", "WFS", "OAPIF", "EDIGEO", "Idrisi", "ODS", "XLSX",
    "Elasticsearch", "Carto", "AmigoCloud", "SXF", "Selafin", "JML", "PLSCENES", "CSW", "VDV",
    "MVT", "NGW", "MapML", "GTFS", "PMTiles", "JSONFG", "MiraMonVector", "ADBC", "AVCBin",
    "AVCE00", "AIVector", "HTTP",
)  # fmt: skip
NOWHERE = "127.0.0.1:1"  # no proxy: every request fails at once

ENVIRONMENT = {
    "GDAL_SKIP": ",".join(SKIPPED),
    "OGR_SKIP": ",".join(SKIPPED),
    "GDAL_DRIVER_PATH": "disable",
    "GDAL_HTTP_PROXY": NOWHERE,
    "http_proxy": f"http://{NOWHERE}",
    "https_proxy": f"http://{NOWHERE}",
    "PROJ_NETWORK": "OFF",
    "GDAL_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "ARROW_DEFAULT_MEMORY_POOL": "system",
    "OGR_ARROW_MEM_LIMIT": str(32 * 1024**2),
    "OGR_GEOJSON_MAX_OBJ_SIZE": "64",  # MB of one feature
    "OGR_SQLITE_CACHE": "32",  # MB
    "GML_DOWNLOAD_SCHEMA": "NO",
    "GML_SKIP_RESOLVE_ELEMS": "ALL",
    "GML_FIELDTYPES": "ALWAYS_STRING",  # codes keep their leading zeros
}
