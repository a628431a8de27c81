-- When a message's batches were final: seconds since frozen_at, and how many were accepted; in order.
-- Index: batch_once. Outcomes: 1 accepted.
SELECT extract(epoch FROM done_at - %(frozen_at)s)::float8 AS t_s,
       cardinality(array_positions(codes, 1::smallint)) AS accepted
FROM dispatch_batch
WHERE message_id = %(message)s AND done_at IS NOT NULL
ORDER BY done_at
