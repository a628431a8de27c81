-- The names of the attributes that a layer's features have. layer: id.
SELECT DISTINCT key
FROM gis_layers_feature, jsonb_object_keys(attrs) AS key
WHERE layer_id = %(layer)s AND until IS NULL
