-- Places of a gmina given by a position that an edition of its streets or addresses may hang on
-- another street: those near to what changes, and those on a street that goes. Ids, ascending.
-- gmina, edition: ids; reach_m: how far a position looks for a street, metres (EPSG:2180).
-- Indexes: place_geom_gist, place_street.
WITH changed AS MATERIALIZED (
    SELECT op, fid, geom_before, geom_after FROM gis_layers_difference WHERE edition_id = %(edition)s
)
SELECT p.id FROM residents_place p JOIN changed c ON ST_DWithin(p.geom, c.geom_before, %(reach_m)s)
WHERE p.gmina_id = %(gmina)s AND p.method <> 'declared'
UNION
SELECT p.id FROM residents_place p JOIN changed c ON ST_DWithin(p.geom, c.geom_after, %(reach_m)s)
WHERE p.gmina_id = %(gmina)s AND p.method <> 'declared'
UNION
SELECT p.id FROM residents_place p JOIN changed c ON c.op = 'remove' AND c.fid = p.street_fid
WHERE p.gmina_id = %(gmina)s AND p.method <> 'declared'
ORDER BY 1
