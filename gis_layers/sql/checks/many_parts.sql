-- Lines of several parts that spread over more than `apart_m` metres.
-- Reads checked_feature. Rows: fid, place, geom (EPSG:2180).
SELECT fid, place, geom
FROM checked_feature
WHERE valid AND ST_NumGeometries(geom) > 1
  AND sqrt((ST_XMax(geom) - ST_XMin(geom)) ^ 2 + (ST_YMax(geom) - ST_YMin(geom)) ^ 2) > %(apart_m)s
