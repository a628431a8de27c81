-- As shown.sql, from a layer of addresses: their columns as FeatureChange.attrs has them.
INSERT INTO import_shown (fid, name, code, simc, attrs, digest)
SELECT fid, '', '', simc,
       jsonb_build_object('ulic', ulic, 'street_fid', street_fid, 'street_name', street_name,
                          'number', number, 'postcode', postcode),
       md5(ST_AsBinary(ST_Multi(geom)))::uuid
FROM gis_layers_addresspoint
WHERE layer_id = %(layer)s AND until IS NULL
