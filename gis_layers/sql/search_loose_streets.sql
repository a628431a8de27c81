-- Streets that stand in addresses and have no line, as in a layer of addresses that names an estate:
-- (gmina, street name, simc, locality). gmina: id, null for all tenants.
-- Index: address_loose_street (layer, street_name), where street_name is not empty.
SELECT DISTINCT l.gmina_id, a.street_name, a.simc, coalesce(t.name, '')
FROM gis_layers_addresspoint a
JOIN gis_layers_layer l ON l.id = a.layer_id
LEFT JOIN teryt_locality t ON t.simc = a.simc
WHERE a.until IS NULL AND a.street_name <> ''
  AND (%(gmina)s::bigint IS NULL OR l.gmina_id = %(gmina)s)
