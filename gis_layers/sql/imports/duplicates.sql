-- Keeps of equal rows the first and notes the others. Only shapes that occur twice are compared.
WITH numbered AS (
    SELECT n, row_number() OVER (
        PARTITION BY digest, name, code, simc, attrs, said_fid ORDER BY n
    ) AS nth
    FROM import_row
    WHERE digest IN (SELECT digest FROM import_row GROUP BY digest HAVING count(*) > 1)
), gone AS (
    DELETE FROM import_row WHERE n IN (SELECT n FROM numbered WHERE nth > 1)
    RETURNING n, place, geom
)
INSERT INTO import_case (code, place, "row", geom)
SELECT 'duplicate', place, n, geom FROM gone ORDER BY n
