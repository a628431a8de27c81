-- The lines of streets that were drawn in pieces, those of one street together: by code, else by
-- name in its locality; geometries as WKB.
SELECT coalesce(nullif(code, ''), simc || chr(31) || name) AS street,
       name, code, simc, attrs, ST_AsBinary(geom)
FROM import_row
ORDER BY street, n
