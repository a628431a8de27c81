-- Holds every waiting batch for hold_s seconds: our credentials don't work, trying is no use.
-- Batches that somebody is claiming just now are skipped; they find out by themselves.
UPDATE dispatch_batch
SET not_before = now() + make_interval(secs => %(hold_s)s),
    put_back_at = now()
WHERE id IN (
    SELECT id FROM dispatch_batch
    WHERE state = 0
      AND (not_before IS NULL OR not_before < now() + make_interval(secs => %(hold_s)s))
    FOR UPDATE SKIP LOCKED
)
