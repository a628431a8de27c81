-- Geometries that the layer cannot hold, and invalid ones with the reason and its place.
-- Reads checked_feature. Rows: code, fid, place, details, geom (EPSG:2180).
SELECT 'geometry_unfit', fid, place,
       jsonb_build_object('type', coalesce(ST_GeometryType(geom), '–')), NULL::geometry
FROM checked_feature
WHERE NOT fits
UNION ALL
SELECT 'geometry_invalid', c.fid, c.place, jsonb_build_object('reason', (d).reason), (d).location
FROM checked_feature c
CROSS JOIN LATERAL (SELECT ST_IsValidDetail(c.geom) AS d) detail
WHERE c.fits AND NOT c.valid
