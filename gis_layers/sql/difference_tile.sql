-- One tile of what an edition changes, as MVT; empty where nothing is. Its layers:
--   same    what the edition leaves as it is; of lines from zoom `line_zoom` on (there are too many
--           before), of addresses nothing
--   before  shapes that it removes or replaces
--   after   shapes that it adds or puts in their place
--   label   a point in each area for its name, with its layer's name as `side`
-- Columns: name, and what: added, removed, moved, or kept (the shape stays, something else changes).
-- Parameters: edition, layer: ids; number: the edition that is "before"; z, x, y (EPSG:3857 grid);
-- most (features of one layer); line_zoom.
-- Indexes: feature_geom_gist, address_geom_gist, the spatial one of gis_layers_featurechange (all in
-- EPSG:2180), change_once_per_fid, feature_once_per_edition, address_once_per_edition.
WITH box AS (
    SELECT ST_TileEnvelope(%(z)s, %(x)s, %(y)s) AS tile,
           -- Wider by what is drawn past the tile's edge. In EPSG:2180 it stands askew: the box
           -- around it is searched.
           ST_Envelope(ST_Transform(
               ST_TileEnvelope(%(z)s, %(x)s, %(y)s, margin => 64.0 / 4096), 2180)) AS searched
), shown AS (
    SELECT f.fid, f.name, f.geom
    FROM gis_layers_feature f, box
    WHERE f.layer_id = %(layer)s AND f.geom && box.searched
      AND f.since <= %(number)s AND (f.until IS NULL OR f.until > %(number)s)
), shown_addresses AS (
    SELECT a.fid, a.number AS name, a.geom
    FROM gis_layers_addresspoint a
    JOIN gis_layers_featurechange c ON c.edition_id = %(edition)s AND c.fid = a.fid, box
    WHERE a.layer_id = %(layer)s AND a.geom && box.searched
      AND a.since <= %(number)s AND (a.until IS NULL OR a.until > %(number)s)
), same AS (
    SELECT fid, name, ST_AsMVTGeom(ST_Transform(geom, 3857), box.tile, 4096, 64, true) AS geom
    FROM shown, box
    WHERE (ST_Dimension(geom) <> 1 OR %(z)s >= %(line_zoom)s) AND NOT EXISTS (
        SELECT FROM gis_layers_featurechange c
        WHERE c.edition_id = %(edition)s AND c.fid = shown.fid
    )
    LIMIT %(most)s
), before AS (
    SELECT d.fid, s.name,
           CASE WHEN d.op = 'remove' THEN 'removed'
                WHEN d.is_moved THEN 'moved' ELSE 'kept' END AS what,
           ST_AsMVTGeom(ST_Transform(s.geom, 3857), box.tile, 4096, 64, true) AS geom
    FROM (SELECT * FROM shown UNION ALL SELECT * FROM shown_addresses) s
    JOIN gis_layers_difference d ON d.edition_id = %(edition)s AND d.fid = s.fid, box
    LIMIT %(most)s
), after AS (
    SELECT d.fid, d.name_after AS name,
           CASE WHEN d.op = 'add' THEN 'added'
                WHEN d.is_moved THEN 'moved' ELSE 'kept' END AS what,
           ST_AsMVTGeom(ST_Transform(d.geom_after, 3857), box.tile, 4096, 64, true) AS geom
    FROM gis_layers_difference d, box
    WHERE d.edition_id = %(edition)s AND d.op <> 'remove' AND d.geom_after && box.searched
    LIMIT %(most)s
), label AS (
    SELECT s.fid, s.name, s.side,
           ST_AsMVTGeom(ST_Transform(ST_PointOnSurface(s.geom), 3857), box.tile, 4096, 0, true) AS geom
    FROM (
        SELECT fid, name, geom, CASE WHEN EXISTS (
            SELECT FROM gis_layers_featurechange c
            WHERE c.edition_id = %(edition)s AND c.fid = shown.fid
        ) THEN 'before' ELSE 'same' END AS side
        FROM shown
        UNION ALL
        SELECT d.fid, d.name_after, d.geom_after, 'after'
        FROM gis_layers_difference d, box
        WHERE d.edition_id = %(edition)s AND d.op <> 'remove' AND d.geom_after && box.searched
    ) s, box
    WHERE ST_Dimension(s.geom) = 2
    LIMIT %(most)s
)
SELECT coalesce((SELECT ST_AsMVT(same, 'same', 4096, 'geom', 'fid') FROM same
                 WHERE geom IS NOT NULL), '')
    || coalesce((SELECT ST_AsMVT(before, 'before', 4096, 'geom', 'fid') FROM before
                 WHERE geom IS NOT NULL), '')
    || coalesce((SELECT ST_AsMVT(after, 'after', 4096, 'geom', 'fid') FROM after
                 WHERE geom IS NOT NULL), '')
    || coalesce((SELECT ST_AsMVT(label, 'label', 4096, 'geom', 'fid') FROM label
                 WHERE geom IS NOT NULL), '')
