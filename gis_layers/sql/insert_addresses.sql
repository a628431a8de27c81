-- As insert_features.sql for a layer of address points, whose columns stand in attrs.
INSERT INTO gis_layers_addresspoint
    (layer_id, fid, simc, ulic, street_fid, street_name, number, postcode, geom, since)
SELECT %(layer)s, fid, simc,
       coalesce(attrs ->> 'ulic', ''),
       (attrs ->> 'street_fid')::bigint,
       coalesce(attrs ->> 'street_name', ''),
       attrs ->> 'number',
       coalesce(attrs ->> 'postcode', ''),
       geom, %(number)s
FROM gis_layers_featurechange
WHERE edition_id = %(edition)s AND op <> 'remove'
RETURNING fid
