-- Claims the next waiting batch and returns it; no row: nothing is due.
-- owner uuid; lease_s seconds. Lower priority first, then the order of freezing.
-- Index: batch_open (priority, id) WHERE state < 2. States: 0 waiting, 1 claimed, 2 done.
WITH due AS MATERIALIZED (
    SELECT id
    FROM dispatch_batch
    WHERE state = 0 AND (not_before IS NULL OR not_before <= now())
    ORDER BY priority, id
    LIMIT 1
    FOR UPDATE SKIP LOCKED
)
UPDATE dispatch_batch AS batch
SET state = 1,
    owner = %(owner)s,
    lease_until = now() + make_interval(secs => %(lease_s)s),
    attempt = attempt + 1
FROM due
WHERE batch.id = due.id
RETURNING batch.id, month, message_id, gmina_id, no, channel, priority, attempt, owner, codes,
    fcm_ids, wake_at, retry_since, held_until, now() AS claimed_at
