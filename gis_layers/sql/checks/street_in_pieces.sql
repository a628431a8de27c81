-- Streets that stand in several features of one exact name in one locality, all of them without a
-- code or with the same (two codes are two streets).
-- Reads checked_feature. Rows: code, fid, place, details, geom (EPSG:2180).
SELECT 'street_in_pieces', min(fid), name, jsonb_build_object('pieces', count(*)), ST_CollectionHomogenize(ST_Collect(geom))
FROM checked_feature
WHERE name <> ''
GROUP BY simc, name
HAVING count(*) > 1 AND count(*) > count(DISTINCT nullif(code, ''))
