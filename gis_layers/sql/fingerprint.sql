-- What a check of an edition depends on, in short: one text.
-- edition: id. Index: change_once_per_fid (edition, fid).
SELECT concat_ws(
    ':',
    l.edition_number,
    (SELECT string_agg(o.edition_number::text, ',' ORDER BY o.id)
     FROM gis_layers_layer o
     WHERE o.kind = 'teryt_unit' AND (o.gmina_id IS NULL OR o.gmina_id = l.gmina_id)),
    (SELECT count(*) || ':' || coalesce(bit_xor(hashtextextended(c::text, 0)), 0)
     FROM gis_layers_featurechange c
     WHERE c.edition_id = e.id)
)
FROM gis_layers_edition e
JOIN gis_layers_layer l ON l.id = e.layer_id
WHERE e.id = %(edition)s
