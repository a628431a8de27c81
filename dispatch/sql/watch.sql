-- Messages with open batches, and what is wrong with them: sending is held for our keys or rights
-- (credentials), or stands still (stalled). A halted message is neither.
-- Stalled: something was due for stall_s seconds, and in that time nothing of the message came
-- forward, nor anything that goes before it. What waits for a stated time (not_before) is not due;
-- but what was put off without being tried and without quiet hours (held_until) is, unless our keys
-- are refused: its sender is set up for another transport.
-- stall_s: seconds. Batch states: 0 waiting, 1 claimed. Outcomes: 1 accepted, 2 retry, 5 credentials.
-- Index: batch_open. dispatch_tally is short.
WITH waiting AS MATERIALIZED (
    SELECT message_id, priority, coalesce(not_before, '-infinity') AS due_at,
           5 = ANY(codes) AS is_refused,
           not_before > now() AND held_until IS NULL AND 0 = ALL(codes) AS is_untried
    FROM dispatch_batch
    WHERE state < 2
), moved AS MATERIALIZED (
    SELECT DISTINCT priority, message_id
    FROM dispatch_tally
    WHERE at > now() - make_interval(secs => %(stall_s)s)
      AND message_id IS NOT NULL AND code NOT IN (-1, 2, 5)
), open_message AS (
    SELECT message_id, min(priority) AS priority,
           bool_or(is_refused) AS credentials,
           bool_or(is_untried) AS is_untried,
           bool_or(due_at <= now() - make_interval(secs => %(stall_s)s)) AS is_due
    FROM waiting
    GROUP BY message_id
)
SELECT message.id AS message_id,
       credentials,
       NOT credentials
       AND (is_due OR is_untried AND NOT EXISTS (SELECT FROM waiting WHERE is_refused))
       AND message.frozen_at <= now() - make_interval(secs => %(stall_s)s)
       AND NOT EXISTS (
           SELECT FROM moved
           WHERE (moved.priority, moved.message_id) <= (open_message.priority, message.id)
       ) AS stalled
FROM open_message
JOIN dispatch_message message ON message.id = open_message.message_id
WHERE message.halted_reason = ''
