-- One tile of one gmina's tileset, all layers in one round trip.
--
-- Returns (superseded_at, tile): tile is MVT, empty where nothing is; no row where the gmina or
-- the revision does not exist.
-- Parameters: slug, revision; staff (all layers, else public ones); z, x, y (tile of the web
-- mercator grid, EPSG:3857); most (features of one layer);
-- address_zoom (no address points above it).
-- Needs the indexes map_revision_once, feature_layer_3857_gist, address_layer_3857_gist.
--
-- The searched box is 64/4096 of a tile wider than the tile on each side, as is the clipping:
-- lines and labels are not cut where tiles meet.
SELECT
    r.superseded_at,
    coalesce((
        SELECT string_agg(part.mvt, ''::bytea ORDER BY l.slug)
        FROM
            jsonb_to_recordset(r.layers) AS l (
                id bigint, slug text, kind text, edition integer,
                public boolean, min_zoom integer, max_zoom integer
            )
            CROSS JOIN (
                SELECT
                    ST_TileEnvelope(%(z)s, %(x)s, %(y)s) AS tile,
                    ST_TileEnvelope(%(z)s, %(x)s, %(y)s, margin => 64.0 / 4096) AS searched
            ) AS box
            CROSS JOIN LATERAL (
                SELECT ST_AsMVT(shown, l.slug, 4096, 'geom', 'fid') AS mvt
                FROM (
                    SELECT
                        f.fid,
                        f.name,
                        nullif(f.code, '') AS code,
                        nullif(f.simc, '') AS simc,
                        f.attrs ->> 'class' AS class,
                        ST_AsMVTGeom(f.geom_3857, box.tile, 4096, 64, true) AS geom
                    FROM gis_layers_feature AS f
                    WHERE
                        f.layer_id = l.id
                        AND f.geom_3857 && box.searched
                        AND f.since <= l.edition
                        AND (f.until IS NULL OR f.until > l.edition)
                    LIMIT %(most)s
                ) AS shown
                WHERE l.kind <> 'address' AND shown.geom IS NOT NULL
                UNION ALL
                SELECT ST_AsMVT(shown, l.slug, 4096, 'geom', 'fid') AS mvt
                FROM (
                    SELECT
                        a.fid,
                        a.number,
                        a.street_fid,
                        ST_AsMVTGeom(a.geom_3857, box.tile, 4096, 64, true) AS geom
                    FROM gis_layers_addresspoint AS a
                    WHERE
                        a.layer_id = l.id
                        AND a.geom_3857 && box.searched
                        AND a.since <= l.edition
                        AND (a.until IS NULL OR a.until > l.edition)
                    LIMIT %(most)s
                ) AS shown
                WHERE l.kind = 'address' AND %(z)s >= %(address_zoom)s AND shown.geom IS NOT NULL
            ) AS part
        WHERE
            (l.public OR %(staff)s)
            AND %(z)s BETWEEN l.min_zoom AND l.max_zoom
    ), ''::bytea) AS tile
FROM accounts_gmina AS g
INNER JOIN gis_layers_maprevision AS r ON g.id = r.gmina_id AND r.revision = %(revision)s
WHERE g.slug = %(slug)s
