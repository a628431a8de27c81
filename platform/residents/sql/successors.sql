-- Streets that places of a gmina hang on and that are not shown any more, each with the street that
-- took its place: (old fid, new fid, how). In this order:
--   code     the same code in the same layer or, without codes, the same name in the same locality;
--   line     a street that came or changed when the old one went, and runs within `near_m` metres
--            of the largest part, at least `share`, of the old line: a renamed street;
--   address  the street to which most, at least `share`, of its addresses belong now.
-- gmina: id; near_m: metres; share: 0–1. Geometry in EPSG:2180.
-- Indexes: place_gmina_simc, feature_shown_once, feature_code, feature_geom_gist, address_street.
WITH hung AS (
    SELECT street_fid AS fid FROM residents_place WHERE gmina_id = %(gmina)s
    UNION
    SELECT street_fid_2 FROM residents_place WHERE gmina_id = %(gmina)s
), old AS MATERIALIZED (
    -- The last state of each: what it was when it went.
    SELECT DISTINCT ON (f.fid) f.fid, f.layer_id, f.code, f.name, f.simc, f.geom, f.until
    FROM hung JOIN gis_layers_feature f USING (fid)
    WHERE NOT EXISTS (SELECT FROM gis_layers_feature s WHERE s.fid = hung.fid AND s.until IS NULL)
    ORDER BY f.fid, f.since DESC
), found AS (
    SELECT old.fid, n.fid AS new, 1 AS rank, 'code' AS how, 1.0::float8 AS score
    FROM old
    JOIN gis_layers_feature n ON n.layer_id = old.layer_id AND n.until IS NULL
        AND n.code = old.code
        AND (old.code <> '' OR (n.name, n.simc) = (old.name, old.simc))
    UNION ALL
    SELECT old.fid, n.fid, 2, 'line', part.share
    FROM old
    JOIN gis_layers_feature n ON n.layer_id = old.layer_id AND n.until IS NULL
        AND n.since >= old.until AND ST_DWithin(n.geom, old.geom, %(near_m)s)
    CROSS JOIN LATERAL (
        SELECT ST_Length(ST_Intersection(old.geom, ST_Buffer(n.geom, %(near_m)s)))
               / nullif(ST_Length(old.geom), 0) AS share
    ) part
    WHERE part.share >= %(share)s
    UNION ALL
    SELECT was.fid, was.street_fid, 3, 'address', was.votes / sum(was.votes) OVER (PARTITION BY was.fid)
    FROM (
        SELECT old.fid, n.street_fid, count(DISTINCT n.fid)::float8 AS votes
        FROM old
        JOIN gis_layers_addresspoint a ON a.street_fid = old.fid AND a.until IS NOT NULL
        JOIN gis_layers_addresspoint n ON n.fid = a.fid AND n.until IS NULL
        JOIN gis_layers_feature s ON s.fid = n.street_fid AND s.until IS NULL
        GROUP BY old.fid, n.street_fid
    ) was
)
SELECT DISTINCT ON (fid) fid, new, how
FROM found
WHERE score >= %(share)s
ORDER BY fid, rank, score DESC, new
