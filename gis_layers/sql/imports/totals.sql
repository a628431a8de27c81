-- Rows of the file, those left out, and the highest n (0: no rows).
SELECT count(*), count(*) FILTER (WHERE geom IS NULL), coalesce(max(n), 0) FROM import_row
