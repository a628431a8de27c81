-- How far one message has come, in one row: counts of residents (each once, whatever the number of
-- their phones) and of devices, and the seconds from freezing to the acceptance of 99 in 100 of the
-- deliveries that can still be or have been accepted (null until then).
-- A receipt of a later event proves the earlier ones: who opened has received.
-- month, message: the message's. Outcomes are Batch.codes: 0, 2, 5 open; 1 accepted; 3 target dead.
-- Index: the primary keys of dispatch_delivery and dispatch_receipt, batch_once.
WITH receipt AS (
    SELECT endpoint_id,
           bool_or(event <> 'received') AS shown,
           bool_or(event IN ('opened', 'confirmed')) AS opened,
           bool_or(event = 'confirmed') AS confirmed
    FROM dispatch_receipt
    WHERE month = %(month)s AND message_id = %(message)s
    GROUP BY endpoint_id
), device AS (
    SELECT delivery.resident_id, batch.codes[delivery.pos] AS code, batch.done_at,
           batch.codes[delivery.pos] = 1 OR receipt.endpoint_id IS NOT NULL AS accepted,
           batch.codes[delivery.pos] IN (0, 2, 5) AND receipt.endpoint_id IS NULL AS waiting,
           receipt.endpoint_id IS NOT NULL AS received,
           coalesce(receipt.shown, false) AS shown,
           coalesce(receipt.opened, false) AS opened,
           coalesce(receipt.confirmed, false) AS confirmed
    FROM dispatch_delivery delivery
    JOIN dispatch_batch batch
        ON batch.message_id = delivery.message_id AND batch.no = delivery.batch_no
    LEFT JOIN receipt ON receipt.endpoint_id = delivery.endpoint_id
    WHERE delivery.month = %(month)s AND delivery.message_id = %(message)s
), resident AS (
    SELECT resident_id,
           bool_or(accepted) AS accepted,
           bool_or(waiting) AS waiting,
           bool_or(received) AS received,
           bool_or(shown) AS shown,
           bool_or(opened) AS opened,
           bool_or(confirmed) AS confirmed
    FROM device
    GROUP BY resident_id
), residents AS (
    SELECT count(*) AS selected,
           count(*) FILTER (WHERE accepted) AS accepted,
           count(*) FILTER (WHERE received) AS received,
           count(*) FILTER (WHERE shown) AS shown,
           count(*) FILTER (WHERE opened) AS opened,
           count(*) FILTER (WHERE confirmed) AS confirmed,
           count(*) FILTER (WHERE accepted AND NOT received) AS no_trace,
           count(*) FILTER (WHERE NOT accepted AND NOT waiting) AS unreachable
    FROM resident
), devices AS (
    SELECT count(*) AS selected,
           count(*) FILTER (WHERE accepted) AS accepted,
           count(*) FILTER (WHERE received) AS received,
           count(*) FILTER (WHERE shown) AS shown,
           count(*) FILTER (WHERE opened) AS opened,
           count(*) FILTER (WHERE confirmed) AS confirmed,
           count(*) FILTER (WHERE accepted AND NOT received) AS no_trace,
           count(*) FILTER (WHERE NOT accepted AND NOT waiting) AS unreachable
    FROM device
), speed AS (
    SELECT extract(epoch FROM (
               array_agg(done_at ORDER BY done_at) FILTER (WHERE code = 1 AND done_at IS NOT NULL)
           )[ceil(0.99 * count(*) FILTER (WHERE accepted OR waiting))::int] - %(frozen_at)s)::float8
               AS seconds_to_99,
           coalesce(bool_or(code = 5), false) AS held
    FROM device
)
SELECT to_json(residents) AS residents, to_json(devices) AS devices, speed.*
FROM residents, devices, speed
