-- Features that do not say in which locality they are.
-- Reads checked_feature. Rows: code, fid, place, details, geom (EPSG:2180).
SELECT 'locality_missing', fid, place, '{}'::jsonb, geom
FROM checked_feature
WHERE simc = ''
