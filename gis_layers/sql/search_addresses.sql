-- Published addresses of streets or, without streets, of localities: (fid, gmina, street fid,
-- street name, simc, number, postcode, lon, lat), in the order of their numbers.
-- gmina: id, null for all tenants; street_fids; village_simcs: addresses without a street there;
-- loose_names, loose_simcs: pairs of a street that has no line, and its locality;
-- number: number_key, '' for any; most: rows.
-- Index: address_street (street_fid, number), address_simc (simc, number), where until is null.
WITH found AS (
    SELECT a.* FROM gis_layers_addresspoint a
    WHERE a.until IS NULL AND a.street_fid = ANY(%(street_fids)s)
    UNION ALL
    SELECT a.* FROM gis_layers_addresspoint a
    WHERE a.until IS NULL AND a.street_fid IS NULL AND a.street_name = ''
      AND a.simc = ANY(%(village_simcs)s)
    UNION ALL
    SELECT a.* FROM gis_layers_addresspoint a
    JOIN unnest(%(loose_names)s::text[], %(loose_simcs)s::text[]) AS loose(street_name, simc)
        USING (street_name, simc)
    WHERE a.until IS NULL
)
SELECT a.fid, l.gmina_id, a.street_fid, a.street_name, a.simc, a.number, a.postcode,
       ST_X(p.lonlat), ST_Y(p.lonlat)
FROM found a
JOIN gis_layers_layer l ON l.id = a.layer_id
CROSS JOIN LATERAL (SELECT ST_Transform(a.geom, 4326) AS lonlat) p
WHERE (%(gmina)s::bigint IS NULL OR l.gmina_id = %(gmina)s)
  AND (%(number)s = '' OR upper(regexp_replace(a.number, '\s', '', 'g')) = %(number)s)
ORDER BY substring(a.number FROM '^\d{1,9}')::int, a.number, a.fid
LIMIT %(most)s
