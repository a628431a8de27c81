-- Parts that leave the gmina, or whose reach does: part (position); whether it is wholly outside
-- (a feature with its reach, a drawn shape without); metres of a line and square metres of a
-- polygon outside; the share outside (0 to 1); whether only the reach leaves; what lies outside
-- and what would be left, as GeoJSON in 4326. Parts inside have no row.
-- parts, fids, wkbs: as in area_pieces.sql; reaches: metres; is_drawn: array of booleans.
-- outline: the gmina's outline (EPSG:2180, hexadecimal EWKB); fence: the same widened by its own
-- inaccuracy, for drawn shapes; slack: metres by which a feature may miss the outline.
WITH gmina AS MATERIALIZED (
    SELECT %(outline)s::geometry AS outline, %(fence)s::geometry AS fence
), part AS (
    SELECT chosen.part, chosen.reach_m,
        CASE WHEN chosen.is_drawn THEN 0 ELSE chosen.reach_m + %(slack)s::float8 END AS near_m,
        CASE WHEN chosen.is_drawn THEN gmina.fence ELSE gmina.outline END AS outline,
        coalesce(feature.geom, address.geom, ST_GeomFromWKB(chosen.wkb, 2180)) AS geom
    FROM unnest(%(parts)s::int[], %(fids)s::bigint[], %(wkbs)s::bytea[], %(reaches)s::float8[],
                %(is_drawn)s::boolean[]) AS chosen(part, fid, wkb, reach_m, is_drawn)
    CROSS JOIN gmina
    LEFT JOIN gis_layers_feature feature ON feature.fid = chosen.fid AND feature.until IS NULL
    LEFT JOIN gis_layers_addresspoint address ON address.fid = chosen.fid AND address.until IS NULL
), crossing AS (
    SELECT part.*, ST_Difference(geom, outline) AS beyond, ST_Covers(outline, geom) AS is_covered
    FROM part
    WHERE NOT ST_Covers(outline, geom)
       OR reach_m > 0 AND ST_DWithin(ST_Boundary(outline), geom, reach_m)
)
SELECT part,
    NOT ST_DWithin(outline, geom, near_m) AS is_outside,
    ST_Length(beyond) AS outside_m,
    ST_Area(beyond) AS outside_m2,
    CASE ST_Dimension(geom)
        WHEN 2 THEN ST_Area(beyond) / nullif(ST_Area(geom), 0)
        WHEN 1 THEN ST_Length(beyond) / nullif(ST_Length(geom), 0)
        ELSE CASE WHEN is_covered THEN 0 ELSE 1 END
    END AS outside_share,
    is_covered AS is_only_reach,
    ST_AsGeoJSON(ST_Transform(beyond, 4326), 7) AS outside,
    ST_AsGeoJSON(ST_Transform(ST_CollectionExtract(
        ST_Intersection(geom, outline), ST_Dimension(geom) + 1), 4326), 7) AS clip
FROM crossing
ORDER BY part
