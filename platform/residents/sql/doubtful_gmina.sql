-- Places whose gmina an outline contradicts: the gmina's that lie outside it, others' and nobody's
-- that lie inside. A declared address lies where its register says, unless it has no gmina yet.
-- Returns ids. gmina: id; outline: EPSG:2180. Indexes: place_geom_gist, place_gmina_simc.
SELECT p.id
FROM residents_place p
WHERE p.gmina_id = %(gmina)s AND p.method <> 'declared'
  AND NOT ST_Intersects(p.geom, %(outline)s::geometry)
UNION ALL
SELECT p.id
FROM residents_place p
WHERE p.gmina_id IS DISTINCT FROM %(gmina)s AND (p.gmina_id IS NULL OR p.method <> 'declared')
  AND ST_Intersects(p.geom, %(outline)s::geometry)
