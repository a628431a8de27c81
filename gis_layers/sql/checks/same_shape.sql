-- Shapes that belong to several features, whichever vertex they begin with.
-- Reads checked_feature. Rows: code, fid, place, details, geom (EPSG:2180).
SELECT 'same_shape', min(fid), (array_agg(place ORDER BY fid))[1],
       jsonb_build_object('others', array_to_string((array_agg(place ORDER BY fid))[2:], ', ')),
       (array_agg(geom))[1]
FROM checked_feature
WHERE valid
GROUP BY md5(ST_AsBinary(ST_Normalize(geom)))
HAVING count(*) > 1
