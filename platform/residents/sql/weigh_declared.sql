-- Declared places of a gmina whose address or street an edition changes, with the street that they
-- would follow their address to (as follow_addresses.sql): (id, street now, street then).
-- gmina, edition: ids. Run while the edition is tried. Indexes: place_address, place_street,
-- address_shown_once, feature_shown_once.
WITH changed AS MATERIALIZED (
    SELECT op, fid FROM gis_layers_featurechange WHERE edition_id = %(edition)s
), touched AS (
    SELECT p.* FROM residents_place p JOIN changed c ON c.fid = p.address_point_fid
    UNION
    SELECT p.* FROM residents_place p JOIN changed c ON c.op = 'remove' AND c.fid = p.street_fid
)
SELECT p.id, p.street_fid,
       CASE WHEN a.fid IS NOT NULL AND (a.street_fid IS NULL OR f.fid IS NOT NULL)
            THEN a.street_fid ELSE p.street_fid END
FROM touched p
LEFT JOIN gis_layers_addresspoint a ON a.fid = p.address_point_fid AND a.until IS NULL
LEFT JOIN gis_layers_feature f ON f.fid = a.street_fid AND f.until IS NULL
WHERE p.gmina_id = %(gmina)s AND p.method = 'declared'
