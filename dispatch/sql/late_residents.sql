-- Holds residents, so that none is erased before their deliveries are there to be found. Left out
-- are those who are gone, and those whom somebody changes just now. arrived: resident ids.
SELECT id FROM residents_resident WHERE id = ANY(%(arrived)s) ORDER BY id FOR KEY SHARE SKIP LOCKED
