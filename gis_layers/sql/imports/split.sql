-- Where several rows say the same fid, as QGIS leaves them when it splits a feature, the largest
-- keeps it and the others are new. Notes each such fid.
WITH ranked AS (
    SELECT n, place, geom, row_number() OVER largest AS nth, count(*) OVER (PARTITION BY said_fid) AS parts
    FROM import_row
    WHERE said_fid IS NOT NULL
    WINDOW largest AS (PARTITION BY said_fid ORDER BY ST_Area(geom) DESC, ST_Length(geom) DESC, n)
), renewed AS (
    UPDATE import_row r SET said_fid = NULL FROM ranked
    WHERE ranked.n = r.n AND nth > 1
)
INSERT INTO import_case (code, place, "row", details, geom)
SELECT 'feature_split', place, n, jsonb_build_object('parts', parts), geom
FROM ranked
WHERE nth = 1 AND parts > 1
ORDER BY n
