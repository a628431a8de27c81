-- Writes into an edition's change set the removal of what is shown and not in the file.
INSERT INTO gis_layers_featurechange (edition_id, op, fid, name, code, simc, search_name, attrs)
SELECT %(edition)s, 'remove', fid, '', '', '', '', '{}'
FROM import_shown s
WHERE NOT EXISTS (SELECT FROM import_match m WHERE m.fid = s.fid)
ORDER BY fid
