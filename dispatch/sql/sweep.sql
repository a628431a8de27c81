-- Gives batches whose lease ran out back to the queue; what was sent of them goes again.
-- lease_s: seconds of a lease. One that ends later than any lease can was given before the
-- machine's clock was put back, and would hold the batch for as long as that was. So would a wait
-- that was ordered in the future; the rules of holds.py are asked again before anything goes.
WITH woken AS (
    UPDATE dispatch_batch
    SET not_before = NULL,
        wake_at = NULL,
        put_back_at = NULL,
        retry_since = least(retry_since, now())
    WHERE id IN (
        SELECT id FROM dispatch_batch
        WHERE state = 0 AND put_back_at > now()
        FOR UPDATE SKIP LOCKED
    )
    RETURNING id
), swept AS (
    UPDATE dispatch_batch
    SET state = 0, owner = NULL, lease_until = NULL
    WHERE id IN (
        SELECT id FROM dispatch_batch
        WHERE state = 1
            AND (lease_until < now()
                OR lease_until > now() + make_interval(secs => %(lease_s)s))
        FOR UPDATE SKIP LOCKED
    )
    RETURNING id, message_id, priority
), tallied AS (
    INSERT INTO dispatch_tally (at, message_id, priority, code, n)
    SELECT now(), message_id, priority, -1, count(*) FROM swept GROUP BY message_id, priority
)
SELECT id FROM swept
UNION ALL
SELECT id FROM woken
