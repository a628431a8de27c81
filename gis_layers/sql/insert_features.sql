-- Inserts what an edition adds or replaces into a layer of features; what it replaces is closed
-- before. Returns the fids inserted.
-- edition, layer: ids; number: the edition's number. Index: change_once_per_fid (edition, fid).
INSERT INTO gis_layers_feature (layer_id, fid, code, name, simc, search_name, attrs, geom, since)
SELECT %(layer)s, fid, code, name, simc, search_name, attrs, geom, %(number)s
FROM gis_layers_featurechange
WHERE edition_id = %(edition)s AND op <> 'remove'
RETURNING fid
