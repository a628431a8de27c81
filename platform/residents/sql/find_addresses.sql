-- Declared places of a gmina whose address point is not published any more, moved to the point that
-- took its place: (place id, how). The same number in the same locality and
--   code     the same street by its code, or
--   address  the same street by name, the street the place hangs on now (a renamed one), or, in a
--            locality without streets, none on either side.
-- gmina: id. Run after carry_streets.sql. Indexes: place_gmina_simc, address_shown_once,
-- address_once_per_edition, address_simc.
WITH gone AS (
    SELECT p.id, p.street_fid, was.*
    FROM residents_place p
    CROSS JOIN LATERAL (
        SELECT a.layer_id, a.simc, a.ulic, a.street_name, a.street_fid AS street_was, a.number
        FROM gis_layers_addresspoint a
        WHERE a.fid = p.address_point_fid
        ORDER BY a.since DESC LIMIT 1
    ) was
    WHERE p.gmina_id = %(gmina)s AND p.method = 'declared'
      AND NOT EXISTS (
        SELECT FROM gis_layers_addresspoint s WHERE s.fid = p.address_point_fid AND s.until IS NULL
      )
), found AS (
    SELECT DISTINCT ON (gone.id) gone.id, n.fid, n.geom, n.simc, n.street_fid,
           CASE WHEN gone.ulic <> '' AND n.ulic = gone.ulic THEN 'code' ELSE 'address' END AS how
    FROM gone
    JOIN gis_layers_addresspoint n ON n.layer_id = gone.layer_id AND n.until IS NULL
        AND n.simc = gone.simc AND n.number = gone.number
        AND (gone.ulic <> '' AND n.ulic = gone.ulic
             OR n.street_fid = gone.street_fid
             OR gone.street_name <> '' AND n.street_name = gone.street_name
             OR gone.street_was IS NULL AND gone.street_name = '' AND gone.ulic = ''
                AND n.street_fid IS NULL AND n.street_name = '' AND n.ulic = '')
    ORDER BY gone.id, how DESC, n.fid
)
UPDATE residents_place p
SET address_point_fid = found.fid, geom = found.geom, simc = found.simc,
    street_fid = found.street_fid
FROM found
WHERE p.id = found.id
RETURNING p.id, found.how
