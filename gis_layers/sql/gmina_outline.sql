-- A gmina's outline: geometry (EPSG:2180) and accuracy in metres; its own before the national
-- one, no row where there is neither.
-- gmina: id; own_slug: slug of a gmina's own outline layer.
-- National polygons join on WOJ+POW+GMI or a former code of the gmina, never on RODZ.
-- Index: feature_code (layer, code), where until is null.
SELECT ST_UnaryUnion(ST_Collect(f.geom)), min(l.accuracy_m)
FROM accounts_gmina g
JOIN gis_layers_layer l ON l.kind = 'teryt_unit'
    AND (l.gmina_id = g.id AND l.slug = %(own_slug)s OR l.gmina_id IS NULL)
JOIN gis_layers_feature f ON f.layer_id = l.id AND f.until IS NULL
    AND (l.gmina_id IS NOT NULL
         OR left(f.code, 6) = g.terc6
         OR f.code IN (SELECT c.terc FROM accounts_gminacode c WHERE c.gmina_id = g.id))
WHERE g.id = %(gmina)s
GROUP BY l.id
ORDER BY l.gmina_id NULLS LAST
LIMIT 1
