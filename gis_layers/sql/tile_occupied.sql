-- Which of these tiles have something of these layers in them or in their margin, by the boxes of
-- the features: true of each tile that is not empty, and of a few that are.
-- Returns (x, y). z; xs, ys: arrays, an entry a tile; ids, editions: arrays, an entry a layer.
-- Indexes: feature_layer_3857_gist, address_layer_3857_gist.
SELECT t.x, t.y
FROM unnest(%(xs)s::integer [], %(ys)s::integer []) AS t (x, y)
WHERE
    EXISTS (
        SELECT 1
        FROM unnest(%(ids)s::bigint [], %(editions)s::integer []) AS l (id, edition)
        INNER JOIN gis_layers_feature AS f
            ON
                l.id = f.layer_id
                AND f.geom_3857 && ST_TileEnvelope(%(z)s, t.x, t.y, margin => 64.0 / 4096)
                AND f.since <= l.edition
                AND (f.until IS NULL OR f.until > l.edition)
    )
    OR EXISTS (
        SELECT 1
        FROM unnest(%(ids)s::bigint [], %(editions)s::integer []) AS l (id, edition)
        INNER JOIN gis_layers_addresspoint AS a
            ON
                l.id = a.layer_id
                AND a.geom_3857 && ST_TileEnvelope(%(z)s, t.x, t.y, margin => 64.0 / 4096)
                AND a.since <= l.edition
                AND (a.until IS NULL OR a.until > l.edition)
    )
