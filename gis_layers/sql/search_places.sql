-- Where hits lie (EPSG:4326) and how long they are: (key, west, south, east, north, lon, lat,
-- length in metres, null but for lines). A locality's place is that of its addresses, else streets.
-- fids: features, keyed by fid as text; simcs: localities, keyed by simc; gmina: id, null for all.
-- Index: feature_shown_once (fid), address_simc (simc, number), where until is null.
WITH shapes AS (
    SELECT f.fid::text AS key, f.geom, ST_PointOnSurface(f.geom) AS middle,
           nullif(ST_Length(f.geom), 0) AS length_m
    FROM gis_layers_feature f
    WHERE f.until IS NULL AND f.fid = ANY(%(fids)s)
    UNION ALL
    SELECT s.simc, found.geom, ST_Centroid(found.geom), NULL
    FROM unnest(%(simcs)s::text[]) AS s(simc)
    CROSS JOIN LATERAL (
        SELECT coalesce(
            (SELECT ST_Collect(a.geom) FROM gis_layers_addresspoint a
             WHERE a.until IS NULL AND a.simc = s.simc),
            (SELECT ST_Collect(f.geom) FROM gis_layers_feature f
             JOIN gis_layers_layer l ON l.id = f.layer_id
             WHERE f.until IS NULL AND f.simc = s.simc AND l.kind = 'street')
        ) AS geom
    ) found
    WHERE found.geom IS NOT NULL
)
SELECT key, ST_XMin(box), ST_YMin(box), ST_XMax(box), ST_YMax(box),
       ST_X(at), ST_Y(at), length_m
FROM shapes
CROSS JOIN LATERAL (
    SELECT ST_Transform(geom, 4326) AS box, ST_Transform(middle, 4326) AS at
) lonlat
