-- Features that cross the gmina's edge, with what lies beyond it, and those that lie wholly beyond.
-- outline: EWKB (EPSG:2180); accuracy_m: how far it may be from the true one, metres; noise: metres
-- or square metres beyond the edge that are but rounding.
-- Reads checked_feature. Rows: code, fid, place, details, geom (EPSG:2180).
WITH outline AS MATERIALIZED (
    SELECT %(outline)s::geometry AS geom
), beyond AS MATERIALIZED (
    SELECT c.fid, c.place, c.geom, CASE WHEN met.there THEN 0 ELSE ST_Distance(o.geom, c.geom) END
               AS away_m,
           CASE WHEN met.there THEN ST_CollectionExtract(
                    ST_Difference(c.geom, o.geom), ST_Dimension(c.geom) + 1)
                ELSE c.geom END AS outside
    FROM outline o
    JOIN checked_feature c ON NOT ST_Covers(o.geom, c.geom)
    CROSS JOIN LATERAL (SELECT ST_Intersects(o.geom, c.geom) AS there) met
    WHERE c.valid
), sized AS (
    SELECT *, CASE WHEN ST_Dimension(geom) = 2 THEN ST_Area(outside) ELSE ST_Length(outside) END
                  AS size,
           CASE WHEN ST_Dimension(geom) = 2 THEN 'm²' ELSE 'm' END AS unit
    FROM beyond
)
SELECT 'outside_gmina', fid, place, jsonb_build_object('away_m', away_m), geom
FROM sized
WHERE away_m > %(accuracy_m)s
UNION ALL
SELECT 'crosses_edge', fid, place, jsonb_build_object('outside', size, 'unit', unit), outside
FROM sized
WHERE away_m <= %(accuracy_m)s AND size > %(noise)s
