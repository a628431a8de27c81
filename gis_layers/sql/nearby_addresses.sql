-- Addresses near a point, the nearest first, one row for each street (or village) and number:
-- (fid, street name, locality, number, distance in metres).
-- point: EPSG:2180; gmina: id; within: metres; most: rows. Index: address_geom_gist (geom).
SELECT fid, street, locality, number, distance
FROM (
    SELECT DISTINCT ON (street, locality, number) *
    FROM (
        SELECT a.fid, coalesce(f.name, a.street_name) AS street, coalesce(t.name, '') AS locality,
               a.number, a.geom <-> %(point)s::geometry AS distance
        FROM gis_layers_addresspoint a
        JOIN gis_layers_layer l ON l.id = a.layer_id
        LEFT JOIN gis_layers_feature f ON f.fid = a.street_fid AND f.until IS NULL
        LEFT JOIN teryt_locality t ON t.simc = a.simc
        WHERE a.until IS NULL AND l.gmina_id = %(gmina)s
          AND ST_DWithin(a.geom, %(point)s::geometry, %(within)s)
    ) near
    ORDER BY street, locality, number, distance, fid
) once
ORDER BY distance, fid
LIMIT %(most)s
