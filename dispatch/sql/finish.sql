-- Writes what became of a claimed batch, if the lease still is the caller's; no row: it is lost.
-- retry_s: seconds until its open deliveries may go again; null: every delivery is final.
-- tally_codes, tally_counts: how many deliveries got which outcome this time (tally.py).
WITH finished AS (
    UPDATE dispatch_batch
    SET state = CASE WHEN %(retry_s)s::float8 IS NULL THEN 2 ELSE 0 END,
        codes = %(codes)s::smallint[],
        fcm_ids = %(fcm_ids)s::text[],
        not_before = now() + make_interval(secs => %(retry_s)s::float8),
        done_at = CASE WHEN %(retry_s)s::float8 IS NULL THEN now() END,
        owner = NULL,
        lease_until = NULL
    WHERE id = %(id)s AND owner = %(owner)s AND state = 1
    RETURNING message_id, priority
), tallied AS (
    INSERT INTO dispatch_tally (at, message_id, priority, code, n)
    SELECT now(), finished.message_id, finished.priority, told.code, told.n
    FROM finished, unnest(%(tally_codes)s::smallint[], %(tally_counts)s::bigint[]) AS told(code, n)
)
SELECT FROM finished
