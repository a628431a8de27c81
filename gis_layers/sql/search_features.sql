-- Published features of the kinds asked for whose name answers a search: (fid, gmina, layer slug,
-- kind, name, simc, locality). Every pattern must be met by the name or its locality, and one by
-- the name; or, with `alike`, the name be similar to it (typing mistakes).
-- gmina: id, null for all tenants; kinds; patterns: regular expressions on normal forms;
-- name: normal form of what was typed, without type; alike: normal form, null for none; most: rows.
-- The most similar come first, so that `most` cuts off the worst. similarity() and the operators
-- for it and for words are pg_trgm's, with its thresholds of 0.3 and 0.6.
-- Index: feature_search_trgm (search_name), where until is null.
SELECT f.fid, l.gmina_id, l.slug, l.kind, f.name, f.simc, coalesce(t.name, '') AS locality
FROM gis_layers_feature f
JOIN gis_layers_layer l ON l.id = f.layer_id
LEFT JOIN teryt_locality t ON t.simc = f.simc
WHERE f.until IS NULL
  AND l.gmina_id IS NOT NULL
  AND (%(gmina)s::bigint IS NULL OR l.gmina_id = %(gmina)s)
  AND l.kind = ANY(%(kinds)s)
  AND CASE WHEN %(alike)s::text IS NOT NULL 
        THEN f.search_name %% %(alike)s OR %(alike)s <%% f.search_name
      ELSE f.search_name ~ ANY(%(patterns)s)
        AND NOT EXISTS (
            SELECT FROM unnest(%(patterns)s::text[]) AS p
            WHERE f.search_name !~ p AND coalesce(t.search_name, '') !~ p
        )
      END
ORDER BY greatest(similarity(f.search_name, %(name)s), word_similarity(%(name)s, f.search_name)) DESC, length(f.search_name), f.fid
LIMIT %(most)s
