-- As attribute_types.sql, of a change set's features.
-- edition: id. Index: change_once_per_fid (edition, fid).
SELECT a.key, array_agg(DISTINCT jsonb_typeof(a.value) ORDER BY jsonb_typeof(a.value))
FROM gis_layers_featurechange c, jsonb_each(c.attrs) a
WHERE c.edition_id = %(edition)s AND jsonb_typeof(a.value) <> 'null'
GROUP BY a.key
ORDER BY a.key
