-- Writes additions and replacements of rows `first` ≤ n < `last` into an edition's change set.
-- edition: id. Rows that are shown as they are need no change; an attribute without a value is as
-- good as none.
INSERT INTO gis_layers_featurechange
    (edition_id, op, fid, name, code, simc, search_name, attrs, geom)
SELECT %(edition)s, CASE WHEN m.fid IS NULL THEN 'add' ELSE 'replace' END,
       coalesce(m.fid, nextval('gis_layers_fid')),
       r.name, r.code, r.simc, r.search_name, r.attrs, r.geom
FROM import_row r
LEFT JOIN import_match m USING (n)
LEFT JOIN import_shown s ON s.fid = m.fid
WHERE r.n >= %(first)s AND r.n < %(last)s AND r.geom IS NOT NULL
  AND (r.name, r.code, r.simc, jsonb_strip_nulls(r.attrs), r.digest)
      IS DISTINCT FROM (s.name, s.code, s.simc, jsonb_strip_nulls(s.attrs), s.digest)
ORDER BY r.n
