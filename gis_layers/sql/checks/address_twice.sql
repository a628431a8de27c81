-- Addresses with several points, such as the doors of one house.
-- Reads checked_feature. Rows: code, fid, place, details, geom (EPSG:2180).
SELECT 'address_twice', min(fid), min(place), jsonb_build_object('points', count(*)),
       ST_CollectionHomogenize(ST_Collect(geom))
FROM checked_feature
WHERE name <> ''
GROUP BY simc, street, name
HAVING count(*) > 1
