-- How many alerts, drills apart, had `share` in 100 accepted within each number of seconds, and the
-- sum of their seconds. bounds: seconds, ascending. One row a share and bound; bound null: all.
WITH speed AS (
    SELECT each.share, each.seconds
    FROM dispatch_messagefigures figures
    JOIN dispatch_message message ON message.id = figures.message_id
    CROSS JOIN LATERAL (VALUES (50, seconds_to_50), (99, seconds_to_99)) AS each(share, seconds)
    WHERE message.kind = 'alert' AND NOT message.is_drill AND each.seconds IS NOT NULL
)
SELECT share, bound, count(*) FILTER (WHERE bound IS NULL OR seconds <= bound) AS n,
       sum(seconds) AS total_s
FROM speed
CROSS JOIN unnest(%(bounds)s::float8[] || NULL::float8) AS bound
GROUP BY share, bound
ORDER BY share, bound
