-- Who an audience is, one row a person: whether home or work put them there, whether only a second
-- candidate street did (is_unsure), whether they muted the kind, how many of their devices can be
-- reached. Follows the CTE hit(part, resident_id, kind, geom, is_unsure) of hits_*.sql.
-- muted_kind: code of the alert's kind; null where mutes don't count.
-- Index: mute_once (resident_id, kind), residents_device (resident_id).
found AS (
    SELECT resident_id, bool_and(is_unsure) AS is_unsure,
           coalesce(bool_or(kind = 'home') FILTER (WHERE NOT is_unsure), false) AS has_home,
           coalesce(bool_or(kind = 'work') FILTER (WHERE NOT is_unsure), false) AS has_work
    FROM hit
    GROUP BY resident_id
), person AS (
    SELECT found.*, mute.id IS NOT NULL AS is_muted, count(device.id) AS devices
    FROM found
    LEFT JOIN residents_mute mute
        ON mute.resident_id = found.resident_id AND mute.kind = %(muted_kind)s
    LEFT JOIN residents_device device
        ON device.resident_id = found.resident_id AND device.push_hash IS NOT NULL
    GROUP BY found.resident_id, is_unsure, has_home, has_work, mute.id
)
