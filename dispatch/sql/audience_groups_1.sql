-- audience_groups.sql for an area of one part that nobody is in by a second candidate street: all
-- are one group, and nobody need be asked for their parts. Follows audience_people.sql.
SELECT ARRAY[0] AS parts, ARRAY[0] AS sure_parts,
    count(*) FILTER (WHERE is_told) AS residents,
    coalesce(sum(devices) FILTER (WHERE is_told), 0)::bigint AS devices,
    count(*) FILTER (WHERE is_muted AND devices > 0) AS muted,
    coalesce(sum(devices) FILTER (WHERE is_muted), 0)::bigint AS muted_devices,
    count(*) FILTER (WHERE devices = 0) AS unreachable,
    count(*) FILTER (WHERE devices > 0 AND why & 1 > 0) AS home,
    count(*) FILTER (WHERE devices > 0 AND why & 2 > 0) AS work,
    count(*) FILTER (WHERE devices > 0 AND why & 3 = 3) AS home_and_work,
    sum(hashint8extended(resident_id, 1)) FILTER (WHERE is_told) AS sum_1,
    sum(hashint8extended(resident_id, 2)) FILTER (WHERE is_told) AS sum_2
FROM (SELECT *, NOT is_muted AND devices > 0 AS is_told FROM person) AS people
HAVING count(*) > 0
