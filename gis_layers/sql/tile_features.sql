-- Features as they are stored of one tile, as MVT: a layer of it for each entry of the arrays.
--
-- Returns one bytea, null where nothing is. gis_layers/tile_statement.py puts it together with its
-- fellows into the one statement of a tile.
-- features_ids, features_names, features_editions: arrays, an entry a layer; z, x, y: tile
-- of the web mercator grid, EPSG:3857; most: features of one layer.
-- Index: feature_layer_3857_gist.
--
-- The searched box is 64/4096 of a tile wider than the tile on each side, as is the clipping:
-- lines and labels are not cut where tiles meet. Ordered, so that a tile's bytes are the same each
-- time; LIMIT also keeps PostgreSQL from clipping twice, for the column and for a test on it.
SELECT string_agg(part.mvt, ''::bytea ORDER BY l.name)
FROM
    unnest(
        %(features_ids)s::bigint [],
        %(features_names)s::text [],
        %(features_editions)s::integer []
    ) AS l (id, name, edition)
    CROSS JOIN LATERAL (
        SELECT ST_AsMVT(shown, l.name, 4096, 'geom', 'fid') AS mvt
        FROM (
            SELECT
                f.fid,
                f.name,
                nullif(f.code, '') AS code,
                nullif(f.simc, '') AS simc,
                f.attrs ->> 'class' AS class,
                ST_AsMVTGeom(
                    f.geom_3857, ST_TileEnvelope(%(z)s, %(x)s, %(y)s), 4096, 64, true
                ) AS geom
            FROM gis_layers_feature AS f
            WHERE
                f.layer_id = l.id
                AND f.geom_3857 && ST_TileEnvelope(%(z)s, %(x)s, %(y)s, margin => 64.0 / 4096)
                AND f.since <= l.edition
                AND (f.until IS NULL OR f.until > l.edition)
            ORDER BY f.fid
            LIMIT %(most)s
        ) AS shown
    ) AS part
