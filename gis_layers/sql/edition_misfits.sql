-- fids of an edition's changes that do not fit what is shown: additions of a fid that any layer
-- shows, replacements and removals of one that this layer does not show. Ascending.
-- edition, layer: ids. Index: feature_shown_once, address_shown_once (fid), both where until is null.
-- Looked up fid by fid: a join would be planned by how many rows the edition had before it was
-- filled, and take minutes for 200,000 changes.
SELECT c.fid
FROM gis_layers_featurechange c
LEFT JOIN LATERAL (
    SELECT f.layer_id FROM gis_layers_feature f WHERE f.fid = c.fid AND f.until IS NULL
    UNION ALL
    SELECT a.layer_id FROM gis_layers_addresspoint a WHERE a.fid = c.fid AND a.until IS NULL
    LIMIT 1
) s ON true
WHERE c.edition_id = %(edition)s
  AND CASE c.op
        WHEN 'add' THEN s.layer_id IS NOT NULL
        ELSE s.layer_id IS DISTINCT FROM %(layer)s
      END
ORDER BY c.fid
