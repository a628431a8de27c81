-- The phones that an area reaches now, as CTE reached(endpoint_id, resident_id, place_kind,
-- distance_m, last_seen_at, not_before). Follows audience_people.sql.
-- not_before: '-infinity' at once, end of their people's quiet hours, 'infinity': over by then.
-- focus: point (EPSG:2180, hexadecimal WKB), or null: then the middle of the places;
-- held: JSON {hours: moment} (quiet.py). Index: resident_quiet.
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
), reached AS (
    SELECT device.id AS endpoint_id, near.resident_id, near.place_kind, near.distance_m,
        device.last_seen_at,
        coalesce((%(held)s::jsonb ->> sleeper.quiet_name)::timestamptz, '-infinity') AS not_before
    FROM near
    JOIN person ON person.resident_id = near.resident_id AND NOT person.is_muted
    JOIN residents_device device
        ON device.resident_id = near.resident_id AND device.push_hash IS NOT NULL
    LEFT JOIN residents_resident sleeper
        ON sleeper.id = near.resident_id AND sleeper.quiet_name IS NOT NULL
)
