-- Who an audience is, one row a person: which kinds of place put them there (why, bits: 1 home,
-- 2 work, 4 other), whether they muted the kind, how many of their devices can be reached.
-- Follows the CTE hit(part, resident_id, kind, geom, is_unsure) of hits_*.sql.
-- muted_kind: code of the alert's kind; null where mutes don't count.
-- Index: mute_once (resident_id, kind), residents_device (resident_id).
, found AS (
    SELECT resident_id, bit_or(why) AS why,
        EXISTS (
            SELECT FROM residents_mute mute
            WHERE mute.resident_id = hit.resident_id AND mute.kind = %(muted_kind)s
        ) AS is_muted
    FROM (
        SELECT resident_id, CASE kind WHEN 'home' THEN 1 WHEN 'work' THEN 2 ELSE 4 END AS why
        FROM hit
        -- The planner takes every audience for a small one, and would ask for the devices of a
        -- million people in no order at all: twice as slow as in the order of their rows.
        ORDER BY resident_id
    ) AS hit
    GROUP BY resident_id
), person AS (
    SELECT found.resident_id, bit_or(why) AS why, bool_or(is_muted) AS is_muted,
        count(device.id) AS devices
    FROM found
    LEFT JOIN residents_device device
        ON device.resident_id = found.resident_id AND device.push_hash IS NOT NULL
    GROUP BY found.resident_id
)
