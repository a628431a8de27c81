-- What points are attached to (docs/decisions/0003-who-is-told.md), one row each:
-- (key, method, address fid, street fid, second street fid, simc, distance in metres).
-- keys, x, y (EPSG:2180), accuracy (metres): arrays of equal length; gmina: id; terc6: its code;
-- address_max, street_max: metres.
-- Of the addresses within reach the street's is taken that most likely sent the position: each
-- address weighs exp(-distance² / 2 spread²), a street as much as its addresses together. A phone's
-- accuracy is the radius that holds it 68 times in 100, which is 1.515 standard deviations of an
-- axis. With an accuracy of 0 it is the nearest. Measured on Helsinki's 1,334 addresses at 10 m an
-- axis (tests/street_targeting): right for 91.5 of 100 people, the nearest address for 90.1.
-- The second street is kept where it is farther than the first by less than the accuracy: the
-- street of the next address that belongs to another one (or to any, where the first belongs to
-- none), or the next line.
-- Index: address_geom_gist, feature_geom_gist (geom), the latter walked by distance.
WITH asked AS (
    SELECT key, ST_SetSRID(ST_MakePoint(x, y), 2180) AS geom, accuracy,
           greatest(accuracy / 1.515, 0.1) AS spread
    FROM unnest(%(keys)s::bigint[], %(x)s::float8[], %(y)s::float8[], %(accuracy)s::float8[])
        AS t(key, x, y, accuracy)
), layers AS (
    SELECT id, kind FROM gis_layers_layer WHERE gmina_id = %(gmina)s
)
SELECT asked.key,
       CASE WHEN address.fid IS NOT NULL THEN 'nearest_address'
            WHEN line.fid IS NOT NULL THEN 'nearest_street'
            WHEN area.inside THEN 'boundary'
            ELSE 'none' END,
       address.fid,
       coalesce(address.street_fid, line.fid),
       coalesce(next_address.street_fid, next_line.fid),
       CASE WHEN address.fid IS NOT NULL THEN address.simc
            WHEN line.fid IS NOT NULL THEN coalesce(nullif(line.simc, ''), area.simc, '')
            ELSE coalesce(area.simc, '') END,
       coalesce(address.distance, line.distance)
FROM asked
LEFT JOIN LATERAL (
    SELECT near.fid, near.street_fid, near.simc, near.distance
    FROM (
        SELECT a.fid, a.street_fid, a.simc, a.street_name, a.geom <-> asked.geom AS distance,
               min(a.geom <-> asked.geom) OVER () AS least
        FROM gis_layers_addresspoint a
        WHERE a.until IS NULL AND a.layer_id IN (SELECT id FROM layers WHERE kind = 'address')
          AND ST_DWithin(a.geom, asked.geom, %(address_max)s)
    ) near
    ORDER BY sum(exp(greatest((near.least ^ 2 - near.distance ^ 2) / (2 * asked.spread ^ 2), -700)))
             OVER (PARTITION BY near.street_fid, near.street_name,
                                CASE WHEN near.street_fid IS NULL THEN near.simc END) DESC,
             near.distance, near.fid
    LIMIT 1
) address ON true
LEFT JOIN LATERAL (
    SELECT a.street_fid
    FROM gis_layers_addresspoint a
    WHERE a.until IS NULL AND a.layer_id IN (SELECT id FROM layers WHERE kind = 'address')
      AND a.street_fid IS NOT NULL AND a.street_fid IS DISTINCT FROM address.street_fid
      AND ST_DWithin(a.geom, asked.geom, address.distance + asked.accuracy)
      AND a.geom <-> asked.geom < address.distance + asked.accuracy
    ORDER BY a.geom <-> asked.geom, a.fid
    LIMIT 1
) next_address ON true
LEFT JOIN LATERAL (
    SELECT f.fid, f.simc, f.geom <-> asked.geom AS distance
    FROM gis_layers_feature f
    WHERE address.fid IS NULL
      AND f.until IS NULL AND f.layer_id IN (SELECT id FROM layers WHERE kind = 'street')
      AND ST_DWithin(f.geom, asked.geom, %(street_max)s)
    ORDER BY f.geom <-> asked.geom, f.fid
    LIMIT 1
) line ON true
LEFT JOIN LATERAL (
    SELECT f.fid
    FROM gis_layers_feature f
    WHERE f.until IS NULL AND f.layer_id IN (SELECT id FROM layers WHERE kind = 'street')
      AND f.fid <> line.fid
      AND ST_DWithin(f.geom, asked.geom, line.distance + asked.accuracy)
      AND f.geom <-> asked.geom < line.distance + asked.accuracy
    ORDER BY f.geom <-> asked.geom, f.fid
    LIMIT 1
) next_line ON true
LEFT JOIN LATERAL (
    -- The gmina's areas around the point; the smallest that names a locality says which it is.
    SELECT count(*) > 0 AS inside,
           (array_agg(f.simc ORDER BY ST_Area(f.geom)) FILTER (WHERE f.simc <> ''))[1] AS simc
    FROM gis_layers_feature f
    JOIN gis_layers_layer l ON l.id = f.layer_id AND l.kind IN ('district', 'teryt_unit')
    WHERE address.fid IS NULL AND f.until IS NULL AND ST_Covers(f.geom, asked.geom)
      AND (l.gmina_id = %(gmina)s OR l.gmina_id IS NULL AND left(f.code, 6) = %(terc6)s)
) area ON true
