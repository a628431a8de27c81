-- Address points of one tile, as MVT: a layer of it for each entry of the arrays.
--
-- Returns one bytea, null where nothing is. gis_layers/tile_statement.py puts it together with its
-- fellows into the one statement of a tile.
-- addresses_ids, addresses_names, addresses_editions: arrays, an entry a layer; z, x, y: tile
-- of the web mercator grid, EPSG:3857; most: features of one layer.
-- Index: address_layer_3857_gist.
--
-- The searched box is 64/4096 of a tile wider than the tile on each side, as is the clipping:
-- lines and labels are not cut where tiles meet. Ordered, so that a tile's bytes are the same each
-- time; LIMIT also keeps PostgreSQL from clipping twice, for the column and for a test on it.
SELECT string_agg(part.mvt, ''::bytea ORDER BY l.name)
FROM
    unnest(
        %(addresses_ids)s::bigint [],
        %(addresses_names)s::text [],
        %(addresses_editions)s::integer []
    ) AS l (id, name, edition)
    CROSS JOIN LATERAL (
        SELECT ST_AsMVT(shown, l.name, 4096, 'geom', 'fid') AS mvt
        FROM (
            SELECT
                a.fid,
                a.number,
                a.street_fid,
                ST_AsMVTGeom(
                    a.geom_3857, ST_TileEnvelope(%(z)s, %(x)s, %(y)s), 4096, 64, true
                ) AS geom
            FROM gis_layers_addresspoint AS a
            WHERE
                a.layer_id = l.id
                AND a.geom_3857 && ST_TileEnvelope(%(z)s, %(x)s, %(y)s, margin => 64.0 / 4096)
                AND a.since <= l.edition
                AND (a.until IS NULL OR a.until > l.edition)
            ORDER BY a.fid
            LIMIT %(most)s
        ) AS shown
    ) AS part
