-- Features without a name, addresses without a number.
-- Reads checked_feature. Rows: code, fid, place, details, geom (EPSG:2180).
SELECT 'unnamed', fid, place, '{}'::jsonb, geom
FROM checked_feature
WHERE name = ''
