-- audience_people.sql for a freezing: the same people, each with their phones (CTE phone; one row
-- without endpoint_id for who has none). rank: an alert goes to the lowest first, which are phones
-- heard of since `lately`, by centimetres from the area's focus to their people's nearest place in
-- it, and then the silent ones likewise (docs/dispatch.md says what that gains).
-- nth counts a person's phones, `devices` is how many they are.
-- parts: bits, one for each of several parts that the person is in (Delivery.parts).
-- muted_kind as there; no_parts: so many bits of nought, '' for an area of one part; lately: instant; focus: point (EPSG:2180, hexadecimal WKB).
-- Index: mute_once (resident_id, kind), residents_device (resident_id).
, found AS (
    SELECT resident_id, bit_or(why) AS why, min(distance_m) AS distance_m,
        CASE WHEN %(no_parts)s = '' THEN B'' ELSE
            bit_or(set_bit(%(no_parts)s::varbit, part, 1))
        END AS parts,
        EXISTS (
            SELECT FROM residents_mute mute
            WHERE mute.resident_id = hit.resident_id AND mute.kind = %(muted_kind)s
        ) AS is_muted
    FROM (
        SELECT resident_id, part, CASE kind WHEN 'home' THEN 1 WHEN 'work' THEN 2 ELSE 4 END AS why,
            ST_Distance(geom, ST_SetSRID(%(focus)s::geometry, 2180)) AS distance_m
        FROM hit
        ORDER BY resident_id -- why: audience_people.sql
    ) AS hit
    GROUP BY resident_id
), phone AS (
    SELECT found.resident_id, why, parts, is_muted, device.id AS endpoint_id,
        (100 * distance_m)::bigint
            + CASE WHEN device.last_seen_at < %(lately)s THEN 1000000000000 ELSE 0 END AS rank,
        row_number() OVER of_person AS nth, count(device.id) OVER of_person AS devices
    FROM found
    LEFT JOIN residents_device device
        ON device.resident_id = found.resident_id AND device.push_hash IS NOT NULL
    WINDOW of_person AS (PARTITION BY found.resident_id)
), person AS (
    SELECT resident_id, why, is_muted, devices FROM phone WHERE nth = 1
)
