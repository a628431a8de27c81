-- Features without the code of the register that should have one.
-- Reads checked_feature. Rows: code, fid, place, details, geom (EPSG:2180).
SELECT 'code_missing', fid, place, '{}'::jsonb, geom
FROM checked_feature
WHERE code = ''
