-- How many devices reported in each second since frozen_at: for the first time that they received the
-- message, that it was opened. Seconds in which nothing happened have no row.
-- month, message: the message's. Index: the primary key of dispatch_receipt.
WITH reported AS (
    SELECT min(at) AS received_at,
           min(at) FILTER (WHERE event IN ('opened', 'confirmed')) AS opened_at
    FROM dispatch_receipt
    WHERE month = %(month)s AND message_id = %(message)s
    GROUP BY endpoint_id
), event AS (
    SELECT received_at AS at, 1 AS received, 0 AS opened FROM reported
    UNION ALL
    SELECT opened_at, 0, 1 FROM reported WHERE opened_at IS NOT NULL
)
SELECT greatest(floor(extract(epoch FROM at - %(frozen_at)s)::float8), 0)::int AS t_s,
       sum(received)::int AS received, sum(opened)::int AS opened
FROM event
GROUP BY 1
