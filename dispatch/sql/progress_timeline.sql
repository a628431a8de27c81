-- What happened to a message's deliveries in each second since it was frozen: devices accepted,
-- received, opened for the first time. Seconds in which nothing happened have no row.
-- month, message, frozen_at: the message's. A delivery is accepted when its batch is done.
WITH event AS (
    SELECT batch.done_at AS at, 'accepted' AS name, batch.n_accepted AS devices
    FROM (
        SELECT done_at, cardinality(array_positions(codes, 1::smallint)) AS n_accepted
        FROM dispatch_batch
        WHERE message_id = %(message)s AND done_at IS NOT NULL
    ) AS batch
    UNION ALL
    SELECT min(at), 'received', 1
    FROM dispatch_receipt
    WHERE month = %(month)s AND message_id = %(message)s
    GROUP BY endpoint_id
    UNION ALL
    SELECT min(at), 'opened', 1
    FROM dispatch_receipt
    WHERE month = %(month)s AND message_id = %(message)s AND event IN ('opened', 'confirmed')
    GROUP BY endpoint_id
)
SELECT greatest(floor(extract(epoch FROM at - %(frozen_at)s)), 0)::int AS t_s,
       coalesce(sum(devices) FILTER (WHERE name = 'accepted'), 0)::int AS accepted,
       coalesce(sum(devices) FILTER (WHERE name = 'received'), 0)::int AS received,
       coalesce(sum(devices) FILTER (WHERE name = 'opened'), 0)::int AS opened
FROM event
GROUP BY 1
ORDER BY 1
