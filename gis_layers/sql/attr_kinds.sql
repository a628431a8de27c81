-- The names of attributes that features of a layer have, with the kinds of their values: text, int,
-- float, bool; nothing of null values. Of what the layer shows now, and of an edition's changes.
-- layer: id; edition: id or null. Index: feature_once_per_edition (layer, fid, since).
SELECT key, array_agg(DISTINCT kind ORDER BY kind)
FROM (
    SELECT one.key,
           CASE jsonb_typeof(one.value)
             WHEN 'boolean' THEN 'bool'
             WHEN 'number' THEN
               CASE WHEN one.value::text ~ '^-?[0-9]{1,18}$' THEN 'int' ELSE 'float' END
             ELSE 'text'
           END AS kind
    FROM (
        SELECT attrs FROM gis_layers_feature WHERE layer_id = %(layer)s AND until IS NULL
        UNION ALL
        SELECT attrs FROM gis_layers_featurechange WHERE edition_id = %(edition)s AND op <> 'remove'
    ) every
    CROSS JOIN LATERAL jsonb_each(every.attrs) one
    WHERE jsonb_typeof(one.value) <> 'null'
) kinds
GROUP BY key
ORDER BY key
