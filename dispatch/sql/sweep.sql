-- Gives batches whose lease ran out back to the queue; what was sent of them goes again.
UPDATE dispatch_batch
SET state = 0, owner = NULL, lease_until = NULL
WHERE id IN (
    SELECT id FROM dispatch_batch
    WHERE state = 1 AND lease_until < now()
    FOR UPDATE SKIP LOCKED
)
