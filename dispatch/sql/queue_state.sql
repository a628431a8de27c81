-- Open batches over all gminas by severity: how many may go now, wait for a stated time, are with a
-- sender; and for how many seconds the oldest that may go has been due (null: none).
-- Batch states: 0 waiting, 1 claimed. Index: batch_open.
SELECT batch.priority,
       count(*) FILTER (WHERE state = 0 AND is_due) AS due,
       count(*) FILTER (WHERE state = 0 AND NOT is_due) AS waiting,
       count(*) FILTER (WHERE state = 1) AS claimed,
       extract(epoch FROM now() - min(due_at) FILTER (WHERE state = 0 AND is_due))::float8
           AS oldest_due_s
FROM (
    SELECT open.priority, open.state, coalesce(not_before, message.frozen_at) AS due_at,
           not_before IS NULL OR not_before <= now() AS is_due
    FROM dispatch_batch open
    JOIN dispatch_message message ON message.id = open.message_id
    WHERE open.state < 2
) AS batch
GROUP BY batch.priority
ORDER BY batch.priority
