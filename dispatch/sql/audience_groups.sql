-- The audience in groups, people in exactly the same parts of the area in one (parts), and for sure
-- in the same (sure_parts: without those that a second candidate street put them in). Of each
-- group: residents told and their devices; residents who muted the kind and their devices; residents
-- without a reachable device, whatever they muted; two sums that are the same only for the same set
-- of residents told. Home and work are counted by part: audience_parts.sql.
-- Follows audience_people.sql.
SELECT membership.parts, membership.sure_parts,
    count(*) FILTER (WHERE is_told) AS residents,
    coalesce(sum(devices) FILTER (WHERE is_told), 0)::bigint AS devices,
    count(*) FILTER (WHERE is_muted AND devices > 0) AS muted,
    coalesce(sum(devices) FILTER (WHERE is_muted), 0)::bigint AS muted_devices,
    count(*) FILTER (WHERE devices = 0) AS unreachable,
    NULL::bigint AS home, NULL::bigint AS work, NULL::bigint AS home_and_work,
    sum(hashint8extended(resident_id, 1)) FILTER (WHERE is_told) AS sum_1,
    sum(hashint8extended(resident_id, 2)) FILTER (WHERE is_told) AS sum_2
FROM (
    SELECT resident_id, array_agg(DISTINCT part) AS parts,
        coalesce(array_agg(DISTINCT part) FILTER (WHERE NOT is_unsure), '{}') AS sure_parts
    FROM hit
    GROUP BY resident_id
) AS membership
JOIN (SELECT *, NOT is_muted AND devices > 0 AS is_told FROM person) AS people USING (resident_id)
GROUP BY membership.parts, membership.sure_parts
