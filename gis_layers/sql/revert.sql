-- Fills a change set with what turns a layer back into what it was at an edition of its own; how many
-- changes that takes is the count of rows.
-- edition, layer: ids; number: of the edition to go back to (0: nothing was shown yet).
-- Indexes: feature_once_per_edition, address_once_per_edition (layer, fid, since).
WITH states AS (
    SELECT id, fid, code, name, simc, search_name, attrs, geom, since, until
    FROM gis_layers_feature WHERE layer_id = %(layer)s
    UNION ALL
    SELECT id, fid, '', '', simc, '',
           jsonb_build_object('ulic', ulic, 'street_fid', street_fid, 'street_name', street_name,
                              'number', number, 'postcode', postcode),
           geom, since, until
    FROM gis_layers_addresspoint WHERE layer_id = %(layer)s
), past AS (
    SELECT * FROM states WHERE since <= %(number)s AND (until IS NULL OR until > %(number)s)
), present AS (
    SELECT id, fid FROM states WHERE until IS NULL
)
INSERT INTO gis_layers_featurechange
    (edition_id, op, fid, code, name, simc, search_name, attrs, geom)
SELECT %(edition)s,
       CASE WHEN past.id IS NULL THEN 'remove' WHEN present.id IS NULL THEN 'add'
            ELSE 'replace' END,
       fid, coalesce(past.code, ''), coalesce(past.name, ''), coalesce(past.simc, ''),
       coalesce(past.search_name, ''), coalesce(past.attrs, '{}'), past.geom
FROM past FULL JOIN present USING (fid)
WHERE past.id IS DISTINCT FROM present.id
ORDER BY fid
RETURNING fid
