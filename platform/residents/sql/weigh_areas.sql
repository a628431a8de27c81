-- Places, of a gmina or of none, that an edition of areas takes into one or lets go of one. Ids.
-- gmina, edition: ids. Index: place_geom_gist.
WITH changed AS MATERIALIZED (
    SELECT fid, geom_before, geom_after FROM gis_layers_difference
    WHERE edition_id = %(edition)s AND (op <> 'replace' OR is_moved)
), held AS (
    SELECT c.fid, p.id FROM changed c JOIN residents_place p ON ST_Covers(c.geom_before, p.geom)
    WHERE p.gmina_id = %(gmina)s OR p.gmina_id IS NULL
    UNION ALL
    SELECT c.fid, p.id FROM changed c JOIN residents_place p ON ST_Covers(c.geom_after, p.geom)
    WHERE p.gmina_id = %(gmina)s OR p.gmina_id IS NULL
), one_sided AS (
    SELECT id FROM held GROUP BY fid, id HAVING count(*) = 1
)
SELECT DISTINCT id FROM one_sided
