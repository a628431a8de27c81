-- Fills checked_feature (EPSG:2180) with the layer as a staged edition would show it.
-- edition: id. dimension: of the layer's geometries (0 points, 1 lines, 2 polygons).
-- An address is named "street number" and known by its street's code, feature or name.
-- Index: change_once_per_fid (edition, fid); feature_once_per_edition, address_once_per_edition.
CREATE TEMP TABLE IF NOT EXISTS checked_feature (
    fid bigint, code text, name text, simc text, search_name text, number text, street text,
    place text, geom geometry, fits boolean, valid boolean
) ON COMMIT DROP;
TRUNCATE checked_feature;
WITH edition AS (
    SELECT e.id, e.layer_id, l.kind = 'address' AS is_address
    FROM gis_layers_edition e JOIN gis_layers_layer l ON l.id = e.layer_id
    WHERE e.id = %(edition)s
), shown AS (
    SELECT c.fid, c.code, c.name, c.simc, c.search_name, c.attrs, c.geom
    FROM edition e JOIN gis_layers_featurechange c ON c.edition_id = e.id
    WHERE c.op <> 'remove'
    UNION ALL
    SELECT f.fid, f.code, f.name, f.simc, f.search_name, f.attrs, f.geom
    FROM edition e JOIN gis_layers_feature f ON f.layer_id = e.layer_id AND f.until IS NULL
    WHERE NOT e.is_address AND NOT EXISTS (
        SELECT FROM gis_layers_featurechange c WHERE c.edition_id = e.id AND c.fid = f.fid)
    UNION ALL
    SELECT a.fid, '', '', a.simc, '',
           jsonb_build_object('ulic', a.ulic, 'street_fid', a.street_fid,
                              'street_name', a.street_name, 'number', a.number),
           a.geom
    FROM edition e JOIN gis_layers_addresspoint a ON a.layer_id = e.layer_id AND a.until IS NULL
    WHERE e.is_address AND NOT EXISTS (
        SELECT FROM gis_layers_featurechange c WHERE c.edition_id = e.id AND c.fid = a.fid)
), worded AS (
    SELECT s.fid, s.simc, s.search_name, s.geom, s.attrs, e.is_address, f.name AS street_name,
           CASE WHEN e.is_address THEN coalesce(s.attrs->>'number', '') ELSE s.name END AS name,
           CASE WHEN NOT e.is_address THEN s.code
                WHEN s.attrs->>'ulic' <> '' AND s.simc <> '' THEN s.simc || '/' || (s.attrs->>'ulic')
                ELSE '' END AS code
    FROM edition e CROSS JOIN shown s
    LEFT JOIN gis_layers_feature f
        ON e.is_address AND f.fid = (s.attrs->>'street_fid')::bigint AND f.until IS NULL
)
INSERT INTO checked_feature
SELECT w.fid, w.code, w.name, w.simc, w.search_name, w.attrs->>'number',
       coalesce(nullif(w.attrs->>'ulic', ''), w.attrs->>'street_fid', w.attrs->>'street_name', ''),
       coalesce(nullif(CASE WHEN w.is_address
           THEN concat_ws(' ', coalesce(nullif(w.street_name, ''), nullif(w.attrs->>'street_name', '')),
                          nullif(w.name, ''))
           ELSE w.name END, ''), '#' || w.fid),
       w.geom, fit.fits, fit.fits AND ST_IsValid(w.geom)
FROM worded w
CROSS JOIN LATERAL (
    SELECT coalesce(NOT ST_IsEmpty(w.geom) AND ST_Dimension(w.geom) = %(dimension)s
                    AND GeometryType(w.geom) <> 'GEOMETRYCOLLECTION' AND NOT ST_HasArc(w.geom), false) AS fits
) fit
