-- More rows of audience_totals.sql, one a part: residents told who are in it, of them with home or
-- work in it, and of them in no other part (alone). Columns that only the total has are null.
UNION ALL
SELECT member.part,
    count(*), NULL,
    count(*) FILTER (WHERE member.has_home),
    count(*) FILTER (WHERE member.has_work),
    count(*) FILTER (WHERE person.first_part = person.last_part),
    NULL, NULL, NULL, NULL
FROM (
    SELECT part, resident_id, bool_or(kind = 'home') AS has_home, bool_or(kind = 'work') AS has_work
    FROM hit
    GROUP BY part, resident_id
) AS member
JOIN person USING (resident_id)
WHERE NOT person.is_muted AND person.devices > 0
GROUP BY member.part
