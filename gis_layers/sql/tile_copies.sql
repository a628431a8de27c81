-- Generalised copies of one tile, as MVT: a layer of it for each entry of the arrays.
--
-- Returns one bytea, null where nothing is. gis_layers/tile_statement.py puts it together with its
-- fellows into the one statement of a tile.
-- copies_ids, copies_names, copies_editions, copies_bands: arrays, an entry a layer; z, x, y: tile
-- of the web mercator grid, EPSG:3857; most: features of one layer.
-- Index: tile_copy_band_3857_gist.
--
-- The searched box is 64/4096 of a tile wider than the tile on each side, as is the clipping:
-- lines and labels are not cut where tiles meet. Ordered, so that a tile's bytes are the same each
-- time; LIMIT also keeps PostgreSQL from clipping twice, for the column and for a test on it.
SELECT string_agg(part.mvt, ''::bytea ORDER BY l.name)
FROM
    unnest(
        %(copies_ids)s::bigint [],
        %(copies_names)s::text [],
        %(copies_editions)s::integer [],
        %(copies_bands)s::smallint []
    ) AS l (id, name, edition, band)
    CROSS JOIN LATERAL (
        SELECT ST_AsMVT(shown, l.name, 4096, 'geom', 'fid') AS mvt
        FROM (
            SELECT
                c.fid,
                c.name,
                nullif(c.code, '') AS code,
                nullif(c.simc, '') AS simc,
                c.road_class AS class,
                ST_AsMVTGeom(
                    c.geom_3857, ST_TileEnvelope(%(z)s, %(x)s, %(y)s), 4096, 64, true
                ) AS geom
            FROM gis_layers_tilecopy AS c
            WHERE
                c.layer_id = l.id
                AND c.band = l.band
                AND c.geom_3857 && ST_TileEnvelope(%(z)s, %(x)s, %(y)s, margin => 64.0 / 4096)
                AND c.since <= l.edition
                AND (c.until IS NULL OR c.until > l.edition)
            ORDER BY c.fid
            LIMIT %(most)s
        ) AS shown
    ) AS part
