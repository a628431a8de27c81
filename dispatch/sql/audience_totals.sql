-- The audience in one row (part null): residents who are told and their devices; of them with home
-- or work in the area; residents without a reachable device; residents who muted the kind; two
-- sums that are the same only for the same set of residents told.
-- Follows audience_people.sql.
SELECT NULL::int AS part,
    count(*) FILTER (WHERE is_told) AS residents,
    coalesce(sum(devices) FILTER (WHERE is_told), 0)::bigint AS devices,
    count(*) FILTER (WHERE is_told AND has_home) AS home,
    count(*) FILTER (WHERE is_told AND has_work) AS work,
    count(*) FILTER (WHERE is_told AND first_part = last_part) AS alone,
    count(*) FILTER (WHERE NOT is_muted AND devices = 0) AS unreachable,
    count(*) FILTER (WHERE is_muted) AS muted,
    sum(hashint8extended(resident_id, 1)) FILTER (WHERE is_told) AS sum_1,
    sum(hashint8extended(resident_id, 2)) FILTER (WHERE is_told) AS sum_2
FROM (SELECT *, NOT is_muted AND devices > 0 AS is_told FROM person) AS people
