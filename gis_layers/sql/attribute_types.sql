-- Attributes of what a layer shows with the JSON types of their values (never null), by name.
-- layer: id. Index: feature_once_per_edition (layer, fid, since).
SELECT a.key, array_agg(DISTINCT jsonb_typeof(a.value) ORDER BY jsonb_typeof(a.value))
FROM gis_layers_feature f, jsonb_each(f.attrs) a
WHERE f.layer_id = %(layer)s AND f.until IS NULL AND jsonb_typeof(a.value) <> 'null'
GROUP BY a.key
ORDER BY a.key
