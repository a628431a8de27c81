"""OGC API Features at /ogc/: layers for QGIS, GDAL and whatever else speaks the standard."""
