-- Names that stand for several features of one locality.
-- Reads checked_feature. Rows: code, fid, place, details, geom (EPSG:2180).
SELECT 'name_twice', min(fid), name, jsonb_build_object('pieces', count(*)), ST_CollectionHomogenize(ST_Collect(geom))
FROM checked_feature
WHERE name <> ''
GROUP BY simc, name
HAVING count(*) > 1
