-- Writes what became of a claimed batch, if the lease still is the caller's; no row: it is lost.
-- waits_s: for each position the seconds until it may go again, null where it is final; null
-- instead of the array: all are. tried: whether this counts as an attempt.
-- held_until: when those wake that a rule held back (holds.py); null: none was.
-- Outcome 2: retry (outcomes.py).
-- tally_codes, tally_counts: how many deliveries got which outcome this time (tally.py).
WITH finished AS (
    UPDATE dispatch_batch
    SET state = CASE WHEN %(waits_s)s::float8[] IS NULL THEN 2 ELSE 0 END,
        codes = %(codes)s::smallint[],
        fcm_ids = %(fcm_ids)s::text[],
        wake_at = (
            SELECT array_agg(now() + make_interval(secs => wait) ORDER BY pos)
            FROM unnest(%(waits_s)s::float8[]) WITH ORDINALITY AS each(wait, pos)
        ),
        not_before = now() + make_interval(
            secs => (SELECT min(wait) FROM unnest(%(waits_s)s::float8[]) AS each(wait))
        ),
        put_back_at = CASE WHEN %(waits_s)s::float8[] IS NOT NULL THEN now() END,
        attempt = attempt - CASE WHEN %(tried)s THEN 0 ELSE 1 END,
        retry_since = CASE WHEN 2 = ANY(%(codes)s::smallint[])
            THEN coalesce(retry_since, now()) END,
        held_until = coalesce(%(held_until)s, held_until),
        -- One that late.py opened again was done before.
        done_at = coalesce(done_at, CASE WHEN %(waits_s)s::float8[] IS NULL THEN now() END),
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
