-- Fills import_shown from a layer of features. layer: id; number: the edition that is shown.
-- Index: feature_layer_3857_gist or feature_code (layer first).
INSERT INTO import_shown (fid, name, code, simc, attrs, digest)
SELECT fid, name, code, simc, attrs, md5(ST_AsBinary(ST_Multi(geom)))::uuid
FROM gis_layers_feature
WHERE layer_id = %(layer)s AND until IS NULL
