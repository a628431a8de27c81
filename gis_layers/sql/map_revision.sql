-- A revision of a gmina's map by its name in tiles' URLs; no row where there is none.
-- Returns (id, made, superseded, layers): instants as seconds of the epoch, superseded null for the
-- newest; layers as MapRevision has them.
-- slug, revision. Index: map_revision_once.
SELECT
    r.id,
    extract(EPOCH FROM r.created_at) AS made,
    extract(EPOCH FROM r.superseded_at) AS superseded,
    r.layers
FROM accounts_gmina AS g
INNER JOIN gis_layers_maprevision AS r ON g.id = r.gmina_id
WHERE g.slug = %(slug)s AND r.revision = %(revision)s
