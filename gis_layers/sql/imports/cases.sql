-- What an import found, in the order in which it was noted; geometries as WKB.
SELECT code, place, "row", details,
       ST_AsBinary(geom), ST_AsBinary(before), ST_AsBinary(after)
FROM import_case
ORDER BY id
