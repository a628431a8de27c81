-- Prolongs leases that still are their owner's, and returns those batches: the others are lost.
-- ids bigint[] and owners uuid[], in pairs; lease_s seconds from now.
UPDATE dispatch_batch AS batch
SET lease_until = now() + make_interval(secs => %(lease_s)s)
FROM unnest(%(ids)s::bigint[], %(owners)s::uuid[]) AS mine(id, owner)
WHERE batch.id = mine.id AND batch.owner = mine.owner AND batch.state = 1
RETURNING batch.id
