-- How many people with a reachable phone have a place on each street, in each locality, and at the
-- addresses of each street without a line: rows (kind, key, people).
-- gmina: id. Keys: fid of the street, SIMC, "SIMC/SYM_UL".
-- Index: place by gmina, residents_device (resident_id), address_shown_once.
WITH place AS MATERIALIZED (
    SELECT place.resident_id, place.street_fid, place.simc, place.address_point_fid
    FROM residents_place AS place
    WHERE place.gmina_id = %(gmina)s
        AND EXISTS (
            SELECT FROM residents_device AS device
            WHERE device.resident_id = place.resident_id AND device.push_hash IS NOT NULL
        )
)
SELECT 'street' AS kind, street_fid::text AS key, count(DISTINCT resident_id) AS people
FROM place
WHERE street_fid IS NOT NULL
GROUP BY street_fid
UNION ALL
SELECT 'locality', simc, count(DISTINCT resident_id)
FROM place
WHERE simc <> ''
GROUP BY simc
UNION ALL
SELECT 'register', address.simc || '/' || address.ulic, count(DISTINCT place.resident_id)
FROM place
JOIN gis_layers_addresspoint AS address
    ON address.fid = place.address_point_fid AND address.until IS NULL
WHERE address.street_fid IS NULL AND address.ulic <> ''
GROUP BY address.simc, address.ulic
