-- Names in one locality that a hurried reader takes for the same: one row for each after the first.
-- Reads checked_feature. Rows: code, fid, place, details, geom (EPSG:2180).
SELECT 'names_alike', fid, first_name, jsonb_build_object('other', name), geom
FROM (
    SELECT min(fid) AS fid, name, ST_CollectionHomogenize(ST_Collect(geom)) AS geom,
           first_value(name) OVER (PARTITION BY simc, search_name ORDER BY name) AS first_name
    FROM checked_feature
    WHERE name <> '' AND search_name <> ''
    GROUP BY simc, search_name, name
) spelt
WHERE name <> first_name
