-- The phones an alert goes to, numbered from 0 in sending order: nearest to the focus first, then
-- those seen lately. Follows audience_people.sql.
-- focus: point (EPSG:2180, hexadecimal WKB), or null: then the middle of the places.
, middle AS (
    SELECT coalesce(
        ST_SetSRID(%(focus)s::geometry, 2180), (SELECT ST_Centroid(ST_Collect(geom)) FROM hit)
    ) AS geom
), near AS (
    -- Home comes before work, work before other: the reason that the phone's owner is told.
    SELECT hit.resident_id,
        (array_agg(hit.kind ORDER BY array_position(ARRAY['home', 'work', 'other'], hit.kind::text)))[1]
            AS place_kind,
        min(ST_Distance(hit.geom, middle.geom)) AS distance_m
    FROM hit, middle
    GROUP BY hit.resident_id
), endpoint AS (
    SELECT device.id AS endpoint_id, near.resident_id, near.place_kind,
        row_number() OVER (ORDER BY near.distance_m, device.last_seen_at DESC, device.id) - 1 AS n
    FROM near
    JOIN person ON person.resident_id = near.resident_id AND NOT person.is_muted
    JOIN residents_device device
        ON device.resident_id = near.resident_id AND device.push_hash IS NOT NULL
)
