-- How many features an edition's change set adds and replaces. edition: id.
SELECT count(*) FILTER (WHERE op = 'add'), count(*) FILTER (WHERE op = 'replace')
FROM gis_layers_featurechange
WHERE edition_id = %(edition)s
