-- Declared places of a gmina follow their address point where it is still published: position,
-- locality and street. A street that is not shown is not followed (successors.sql finds its heir).
-- Returns the ids of places that changed.
-- gmina: id. Indexes: place_gmina_simc; address_shown_once and feature_shown_once (fid).
UPDATE residents_place p
SET geom = a.geom, simc = a.simc,
    street_fid = CASE WHEN a.street_fid IS NULL OR f.fid IS NOT NULL THEN a.street_fid
                      ELSE p.street_fid END
FROM gis_layers_addresspoint a
LEFT JOIN gis_layers_feature f ON f.fid = a.street_fid AND f.until IS NULL
WHERE p.gmina_id = %(gmina)s AND p.method = 'declared'
  AND a.fid = p.address_point_fid AND a.until IS NULL
  AND (p.geom, p.simc, p.street_fid) IS DISTINCT FROM
      (a.geom, a.simc, CASE WHEN a.street_fid IS NULL OR f.fid IS NOT NULL THEN a.street_fid
                            ELSE p.street_fid END)
RETURNING p.id
