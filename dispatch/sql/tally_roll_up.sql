-- Adds rows of dispatch_tally up: those of minutes over for so long that nobody asks of which message
-- they were (watch.sql) by the minute, those before `since` into one row without a time. Sums over
-- all rows stay as they are. Safe to run twice at a time.
WITH taken AS (
    DELETE FROM dispatch_tally
    WHERE at IS NULL
       OR at < %(since)s
       OR message_id IS NOT NULL AND at < date_trunc('minute', now()) - interval '2 minutes'
    RETURNING at, priority, code, n
)
INSERT INTO dispatch_tally (at, priority, code, n)
SELECT CASE WHEN at >= %(since)s THEN date_trunc('minute', at) END, priority, code, sum(n)
FROM taken
GROUP BY 1, 2, 3
