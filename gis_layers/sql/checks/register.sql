-- Street codes of a layer with the register's names of them, ULIC's parts empty where it has none.
-- Reads checked_feature. Rows: fid, place, code, features, geom (EPSG:2180), in_register, cecha,
-- name_1, name_2. Index: street_name_once (simc, ulic).
SELECT c.fid, c.place, c.code, c.features, c.geom, n.id IS NOT NULL,
       coalesce(n.cecha, ''), coalesce(n.name_1, ''), coalesce(n.name_2, '')
FROM (
    SELECT min(fid) AS fid, min(place) AS place, code, count(*) AS features,
           (array_agg(geom))[1] AS geom
    FROM checked_feature
    WHERE code <> ''
    GROUP BY code
) c
LEFT JOIN teryt_streetname n
    ON n.simc = split_part(c.code, '/', 1) AND n.ulic = split_part(c.code, '/', 2)
   AND n.closed_on IS NULL
ORDER BY c.code
