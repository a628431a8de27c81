-- More rows of audience_groups.sql, one a part that somebody is in (parts holds it alone, residents
-- is null): of its people with a reachable device those with home, work or both in it.
UNION ALL
SELECT ARRAY[member.part], NULL, NULL, NULL, NULL, NULL, NULL,
    count(*) FILTER (WHERE member.has_home),
    count(*) FILTER (WHERE member.has_work),
    count(*) FILTER (WHERE member.has_home AND member.has_work),
    NULL, NULL
FROM (
    SELECT part, resident_id, bool_or(kind = 'home') AS has_home, bool_or(kind = 'work') AS has_work
    FROM hit
    WHERE NOT is_unsure
    GROUP BY part, resident_id
) AS member
JOIN person USING (resident_id)
WHERE person.devices > 0
GROUP BY member.part
