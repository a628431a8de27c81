"""The reader of layer files: runs in a process of its own, knows neither Django nor secrets.

`python -m gis_layers.imports.reading`; imports/read.py starts it and listens. Whatever a hostile
file does to GDAL, it does to a process with limited memory and time that holds no connection.
"""
