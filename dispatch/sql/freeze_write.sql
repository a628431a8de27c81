-- Writes deliveries and batches for the CTE endpoint(endpoint_id, resident_id, place_kind, n).
-- month: first day of the freezing month, UTC; message: id; gmina; priority: 0 goes first;
-- batch: deliveries a batch. Batches and positions count from 1; batches get ids in order.
, delivery AS (
    INSERT INTO dispatch_delivery (
        month, message_id, batch_no, pos, gmina_id, channel, endpoint_id, resident_id, place_kind)
    SELECT %(month)s, %(message)s, n / %(batch)s + 1, n %% %(batch)s + 1, %(gmina)s, 'fcm',
        endpoint_id, resident_id, place_kind
    FROM endpoint
    RETURNING batch_no
), batch AS (
    INSERT INTO dispatch_batch (
        month, message_id, gmina_id, no, channel, priority, n, state, attempt, codes, fcm_ids)
    SELECT %(month)s, %(message)s, %(gmina)s, batch_no, 'fcm', %(priority)s, count(*), 0, 0,
        array_fill(0::smallint, ARRAY[count(*)::int]),
        array_fill(NULL::text, ARRAY[count(*)::int])
    FROM delivery
    GROUP BY batch_no
    ORDER BY batch_no
)
