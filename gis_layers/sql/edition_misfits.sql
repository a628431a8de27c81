-- fids of an edition's changes that do not fit what is shown: additions of a fid that any layer
-- shows, replacements and removals of one that this layer does not show. Ascending.
-- edition, layer: ids. Index: feature_shown_once, address_shown_once (fid), both where until is null.
WITH shown AS (
    SELECT f.fid, f.layer_id FROM gis_layers_feature f
    JOIN gis_layers_featurechange c ON c.fid = f.fid AND c.edition_id = %(edition)s
    WHERE f.until IS NULL
    UNION ALL
    SELECT a.fid, a.layer_id FROM gis_layers_addresspoint a
    JOIN gis_layers_featurechange c ON c.fid = a.fid AND c.edition_id = %(edition)s
    WHERE a.until IS NULL
)
SELECT c.fid
FROM gis_layers_featurechange c
LEFT JOIN shown s ON s.fid = c.fid
WHERE c.edition_id = %(edition)s
  AND CASE c.op
        WHEN 'add' THEN s.fid IS NOT NULL
        ELSE s.layer_id IS DISTINCT FROM %(layer)s
      END
ORDER BY c.fid
