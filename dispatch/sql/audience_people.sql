-- Who an audience is, one row a person: which parts they are in (the lowest and the highest
-- position), whether home or work put them there, whether they muted the kind, how many of their
-- devices can be reached. Follows the CTE hit(part, resident_id, kind, geom) of hits_*.sql.
-- muted_kind: code of the alert's kind; null where mutes don't count.
-- Index: mute_once (resident_id, kind), residents_device (resident_id).
found AS (
    SELECT resident_id, min(part) AS first_part, max(part) AS last_part,
           bool_or(kind = 'home') AS has_home, bool_or(kind = 'work') AS has_work
    FROM hit
    GROUP BY resident_id
), person AS (
    SELECT found.*, mute.id IS NOT NULL AS is_muted, count(device.id) AS devices
    FROM found
    LEFT JOIN residents_mute mute
        ON mute.resident_id = found.resident_id AND mute.kind = %(muted_kind)s
    LEFT JOIN residents_device device
        ON device.resident_id = found.resident_id AND device.push_hash IS NOT NULL
    GROUP BY found.resident_id, first_part, last_part, has_home, has_work, mute.id
)
