-- The polygons that a layer's tile copies must be made anew from, since an edition: each that
-- changed or may share a border with one that did, and `is_redone` false for those that are only
-- needed as neighbours of these, so that shared borders are found.
-- Returns (fid, name, code, simc, road_class, wkb in EPSG:3857, is_redone), ordered by fid.
-- layer: id; followed: edition that the copies follow so far.
-- Index: feature_layer_3857_gist.
WITH changed AS (
    SELECT geom_3857
    FROM gis_layers_feature
    WHERE layer_id = %(layer)s AND (since > %(followed)s OR until > %(followed)s)
),
redone AS (
    SELECT DISTINCT f.id, f.geom_3857
    FROM gis_layers_feature AS f
    INNER JOIN changed AS c ON f.geom_3857 && c.geom_3857
    WHERE f.layer_id = %(layer)s AND f.until IS NULL
),
needed AS (
    SELECT f.id, bool_or(f.id = r.id) AS is_redone
    FROM gis_layers_feature AS f
    INNER JOIN redone AS r ON f.geom_3857 && r.geom_3857
    WHERE f.layer_id = %(layer)s AND f.until IS NULL
    GROUP BY f.id
)
SELECT
    f.fid, f.name, f.code, f.simc, f.attrs ->> 'class' AS road_class,
    ST_AsBinary(f.geom_3857) AS wkb,
    n.is_redone
FROM needed AS n
INNER JOIN gis_layers_feature AS f ON n.id = f.id
ORDER BY f.fid
