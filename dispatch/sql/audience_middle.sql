-- The middle of an audience's places (EPSG:2180, hexadecimal WKB); null where there are none.
-- Follows the CTE hit of hits_*.sql.
SELECT ST_SetSRID(ST_MakePoint(avg(ST_X(geom)), avg(ST_Y(geom))), 2180)::text FROM hit
