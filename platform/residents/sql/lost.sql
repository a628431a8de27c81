-- How many places of a gmina hang on a street, or an address point, that is not published any more
-- and has no heir: (streets, addresses). gmina: id. Index: place_gmina_simc, feature_shown_once.
SELECT count(*) FILTER (WHERE p.street_fid IS NOT NULL AND NOT EXISTS (
           SELECT FROM gis_layers_feature f WHERE f.fid = p.street_fid AND f.until IS NULL)),
       count(*) FILTER (WHERE p.address_point_fid IS NOT NULL AND NOT EXISTS (
           SELECT FROM gis_layers_addresspoint a
           WHERE a.fid = p.address_point_fid AND a.until IS NULL))
FROM residents_place p
WHERE p.gmina_id = %(gmina)s
