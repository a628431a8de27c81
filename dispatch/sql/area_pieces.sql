-- The pieces of the parts that have a geometry: part (position) and WKB (EPSG:2180) of single
-- points, single lines, and polygons of at most 128 vertices. One multi-geometry for a whole area
-- would cost the spatial index its use: measured 20 times slower.
-- parts: positions; fids: of published features or address points, else null; wkbs: drawn shapes
-- in EPSG:2180, else null; three arrays of one length.
-- Index: feature_shown_once, address_shown_once (fid, where until is null).
WITH part AS (
    SELECT chosen.part, coalesce(feature.geom, address.geom, ST_GeomFromWKB(chosen.wkb, 2180)) AS geom
    FROM unnest(%(parts)s::int[], %(fids)s::bigint[], %(wkbs)s::bytea[]) AS chosen(part, fid, wkb)
    LEFT JOIN gis_layers_feature feature ON feature.fid = chosen.fid AND feature.until IS NULL
    LEFT JOIN gis_layers_addresspoint address ON address.fid = chosen.fid AND address.until IS NULL
)
SELECT part.part, ST_AsBinary(piece.geom) AS wkb
FROM part
CROSS JOIN LATERAL ST_Dump(part.geom) AS single
CROSS JOIN LATERAL ST_Subdivide(single.geom, 128) AS piece(geom)
ORDER BY 1, 2
