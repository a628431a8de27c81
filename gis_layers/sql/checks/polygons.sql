-- The valid geometries of the layer, by fid. Reads checked_feature. Rows: fid, place, WKB (EPSG:2180).
SELECT fid, place, ST_AsBinary(geom)
FROM checked_feature
WHERE valid
ORDER BY fid
