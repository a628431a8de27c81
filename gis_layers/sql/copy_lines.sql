-- Inserts the tile copies of the lines that a layer shows since an edition: parts that meet are
-- joined, and what is drawn too short for its band is left out. What they replace is closed before.
-- layer: id; followed: edition that the copies follow so far; deepest, tolerance, shortest: arrays,
-- an entry a band, the latter two in metres of EPSG:3857 (shortest 0: none is too short);
-- main: classes that are never too short.
-- Index: feature_once_per_edition (layer, fid, since).
INSERT INTO gis_layers_tilecopy
    (layer_id, band, fid, name, code, simc, road_class, geom_3857, since)
SELECT
    f.layer_id, b.deepest, f.fid, f.name, f.code, f.simc, f.attrs ->> 'class',
    ST_Simplify(line.merged, b.tolerance, true),
    f.since
FROM gis_layers_feature AS f
CROSS JOIN LATERAL (SELECT ST_LineMerge(f.geom_3857) AS merged) AS line
CROSS JOIN
    unnest(%(deepest)s::smallint [], %(tolerance)s::float [], %(shortest)s::float [])
        AS b (deepest, tolerance, shortest)
WHERE
    f.layer_id = %(layer)s
    AND f.until IS NULL
    AND f.since > %(followed)s
    AND (
        ST_Length(line.merged) >= b.shortest
        OR f.attrs ->> 'class' = ANY(%(main)s)
    )
