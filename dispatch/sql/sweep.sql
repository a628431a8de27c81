-- Gives batches whose lease ran out back to the queue; what was sent of them goes again.
WITH swept AS (
    UPDATE dispatch_batch
    SET state = 0, owner = NULL, lease_until = NULL
    WHERE id IN (
        SELECT id FROM dispatch_batch
        WHERE state = 1 AND lease_until < now()
        FOR UPDATE SKIP LOCKED
    )
    RETURNING message_id, priority
), tallied AS (
    INSERT INTO dispatch_tally (at, message_id, priority, code, n)
    SELECT now(), message_id, priority, -1, count(*) FROM swept GROUP BY message_id, priority
)
SELECT FROM swept
