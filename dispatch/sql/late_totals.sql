-- How many residents the message reaches besides `told` (resident ids), and how many devices.
-- Follows freeze_write.sql.
SELECT count(DISTINCT resident_id) FILTER (WHERE resident_id <> ALL(%(told)s::bigint[])),
    count(*)
FROM endpoint
