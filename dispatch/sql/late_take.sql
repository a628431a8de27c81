-- Takes the next arrivals that nobody else works off, in the order in which they were noted.
-- after: id of the last one taken; most: how many.
SELECT id, resident_id FROM dispatch_arrival
WHERE id > %(after)s
ORDER BY id
LIMIT %(most)s
FOR UPDATE SKIP LOCKED
