-- fids of an edition that another edition of the layer has changed since the change was made (since
-- the edition was staged, where the change doesn't say), ascending.
-- edition, layer: ids; base: the layer's edition number at staging.
-- Index: feature_once_per_edition, address_once_per_edition (layer, fid, since).
SELECT c.fid
FROM gis_layers_featurechange c
WHERE c.edition_id = %(edition)s
  AND (
    EXISTS (
        SELECT FROM gis_layers_feature f
        WHERE f.layer_id = %(layer)s AND f.fid = c.fid
          AND greatest(f.since, f.until) > coalesce(c.base_number, %(base)s)
    )
    OR EXISTS (
        SELECT FROM gis_layers_addresspoint a
        WHERE a.layer_id = %(layer)s AND a.fid = c.fid
          AND greatest(a.since, a.until) > coalesce(c.base_number, %(base)s)
    )
  )
ORDER BY c.fid
