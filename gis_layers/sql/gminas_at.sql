-- Tenants a point may belong to, likeliest first: (gmina id, certain).
-- point: EPSG:2180; accuracy: the point's, metres; own_slug: slug of a gmina's own outline layer.
-- Index: feature_geom_gist (geom).
WITH asked AS (
    SELECT %(point)s::geometry AS geom, %(accuracy)s::float8 AS accuracy
), near AS (
    -- Outlines within their own or the point's accuracy; `doubt` is what their edge is worth.
    SELECT l.gmina_id AS owner, f.code, ST_Intersects(f.geom, a.geom) AS inside,
           ST_Distance(f.geom, a.geom) AS distance,
           ST_Distance(ST_Boundary(f.geom), a.geom) AS to_edge,
           greatest(l.accuracy_m, a.accuracy) AS doubt, a.accuracy
    FROM asked a
    JOIN gis_layers_layer l ON l.kind = 'teryt_unit' AND (l.gmina_id IS NULL OR l.slug = %(own_slug)s)
    JOIN gis_layers_feature f ON f.layer_id = l.id AND f.until IS NULL
        AND ST_DWithin(f.geom, a.geom, greatest(l.accuracy_m, a.accuracy))
), own AS (
    SELECT owner AS gmina_id, inside, distance, to_edge, doubt, accuracy FROM near
    WHERE owner IS NOT NULL
), settled AS (
    -- The point is in a tenant's own outline: others count only as far as the point may be off.
    SELECT gmina_id, inside, distance FROM own
    WHERE EXISTS (SELECT FROM own WHERE inside) AND (inside OR distance < accuracy)
), national AS (
    -- Polygons of tenants without an outline of their own; `alone`: no other polygon in doubt.
    SELECT g.id AS gmina_id, n.inside, n.distance,
           n.inside AND n.to_edge >= n.doubt AS alone
    FROM near n
    JOIN accounts_gmina g ON left(n.code, 6) = g.terc6
        OR n.code IN (SELECT c.terc FROM accounts_gminacode c WHERE c.gmina_id = g.id)
    WHERE n.owner IS NULL
      AND NOT EXISTS (
        SELECT FROM gis_layers_layer l
        WHERE l.gmina_id = g.id AND l.kind = 'teryt_unit' AND l.slug = %(own_slug)s
          AND l.edition_number > 0
      )
), doubtful AS (
    SELECT gmina_id, inside, distance, false AS alone FROM own
    UNION ALL
    SELECT gmina_id, inside, distance, alone FROM national
), answers AS (
    SELECT gmina_id, inside, distance, true AS sure FROM settled
    UNION ALL
    SELECT gmina_id, inside, distance, alone FROM doubtful
    WHERE NOT EXISTS (SELECT FROM settled)
)
SELECT gmina_id, bool_or(sure) AND count(*) OVER () = 1 AS certain
FROM answers
GROUP BY gmina_id
ORDER BY bool_or(inside) DESC, min(distance), gmina_id
