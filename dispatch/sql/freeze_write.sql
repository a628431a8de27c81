-- Writes deliveries and batches for the CTE endpoint(endpoint_id, resident_id, place_kind, parts,
-- n, not_before), where n counts from 0 among those of the same not_before.
-- month: first day of the freezing month, UTC; message: id; gmina; priority: 0 goes first;
-- batch: deliveries a batch; batches: numbers given before; moments: every not_before there can be, '-infinity' first (quiet.py).
-- Batches and positions count from 1, batches get ids in order. Of m moments each has every m-th
-- batch number, so that no batch mixes two; those of 'infinity' sleep through it: done, outcome 9.
, delivery AS (
    INSERT INTO dispatch_delivery (
        month, message_id, batch_no, pos, gmina_id, channel, endpoint_id, resident_id, place_kind,
        parts)
    SELECT %(month)s, %(message)s,
        %(batches)s + n / %(batch)s * cardinality(%(moments)s::timestamptz[])
            + array_position(%(moments)s::timestamptz[], not_before),
        n %% %(batch)s + 1, %(gmina)s, 'fcm', endpoint_id, resident_id, place_kind, parts
    FROM endpoint
    RETURNING batch_no
), filled AS (
    SELECT batch_no, count(*)::int AS n,
        (%(moments)s::timestamptz[])[
            (batch_no - %(batches)s - 1) %% cardinality(%(moments)s::timestamptz[]) + 1
        ] AS moment
    FROM delivery
    GROUP BY batch_no
), batch AS (
    INSERT INTO dispatch_batch (
        month, message_id, gmina_id, no, channel, priority, n, attempt, state, not_before,
        held_until, codes, fcm_ids, done_at)
    SELECT %(month)s, %(message)s, %(gmina)s, batch_no, 'fcm', %(priority)s, n, 0,
        CASE WHEN moment = 'infinity' THEN 2 ELSE 0 END,
        CASE WHEN isfinite(moment) THEN moment END,
        CASE WHEN isfinite(moment) THEN moment END,
        array_fill(CASE WHEN moment = 'infinity' THEN 9 ELSE 0 END::smallint, ARRAY[n]),
        array_fill(NULL::text, ARRAY[n]),
        CASE WHEN moment = 'infinity' THEN now() END
    FROM filled
    ORDER BY batch_no
)
