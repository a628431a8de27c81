-- Attributes of a layer's features with the JSON types of their values (never null), by name.
-- layer: id; edition: id of a change set whose features count too, or null.
-- Index: feature_once_per_edition (layer, fid, since), change_once_per_fid (edition, fid).
SELECT name, array_agg(DISTINCT type ORDER BY type)
FROM (
    SELECT a.key AS name, jsonb_typeof(a.value) AS type
    FROM gis_layers_feature f, jsonb_each(f.attrs) a
    WHERE f.layer_id = %(layer)s AND f.until IS NULL
    UNION ALL
    SELECT a.key, jsonb_typeof(a.value)
    FROM gis_layers_featurechange c, jsonb_each(c.attrs) a
    WHERE c.edition_id = %(edition)s
) attributes
WHERE type <> 'null'
GROUP BY name
ORDER BY name
