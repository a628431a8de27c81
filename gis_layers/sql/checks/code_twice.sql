-- Codes that stand for several features: nobody could tell which is meant.
-- Reads checked_feature. Rows: code, fid, place, details, geom (EPSG:2180).
SELECT 'code_twice', min(fid), code,
       jsonb_build_object('names', string_agg(place, ', ' ORDER BY place, fid)), ST_CollectionHomogenize(ST_Collect(geom))
FROM checked_feature
WHERE code <> ''
GROUP BY code
HAVING count(*) > 1
