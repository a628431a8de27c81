-- How far one message has come, in one row: counts of residents (each once, whatever the number of
-- their phones) and of devices; why residents aren't reached; the seconds from freezing to the
-- acceptance of 50, 90 and 99 in 100 of the deliveries that can still be or have been accepted
-- (null until then).
-- A receipt of a later event proves the earlier ones: who opened has received.
-- month, message: the message's. Outcomes are Batch.codes: 0, 2, 5 open; 1 accepted.
-- reasons: the final outcomes that reach nobody, the first to name where a resident has several.
-- Index: the primary keys of dispatch_delivery and dispatch_receipt, batch_once.
-- Stacked and grouped instead of joined: each table is read once, whatever the planner believes.
-- Just after the freezing it has no statistics, and every join tried took seconds for 20,000.
WITH outcome AS (
    SELECT max(code) AS code, max(done_at) AS done_at, max(held) AS held,
           max(endpoint_id) AS endpoint_id, max(resident_id) AS resident_id
    FROM (
        SELECT batch.no AS batch_no, one.pos::smallint, one.code, batch.done_at,
               (batch.not_before > now())::int AS held,
               NULL::bigint AS endpoint_id, NULL::bigint AS resident_id
        FROM dispatch_batch batch
        CROSS JOIN LATERAL unnest(batch.codes) WITH ORDINALITY AS one(code, pos)
        WHERE batch.message_id = %(message)s
        UNION ALL
        SELECT batch_no, pos, NULL, NULL, NULL, endpoint_id, resident_id
        FROM dispatch_delivery
        WHERE month = %(month)s AND message_id = %(message)s
    ) AS stacked
    GROUP BY batch_no, pos
), reported AS (
    SELECT max(resident_id) AS resident_id, max(code) AS code, max(done_at) AS done_at,
           max(held) AS held,
           count(event) > 0 AS received,
           coalesce(bool_or(event <> 'received'), false) AS shown,
           coalesce(bool_or(event IN ('opened', 'confirmed')), false) AS opened,
           coalesce(bool_or(event = 'confirmed'), false) AS confirmed
    FROM (
        SELECT endpoint_id, resident_id, code, done_at, held, NULL AS event FROM outcome
        UNION ALL
        SELECT endpoint_id, resident_id, NULL, NULL, NULL, event
        FROM dispatch_receipt
        WHERE month = %(month)s AND message_id = %(message)s
    ) AS stacked
    GROUP BY endpoint_id
), device AS (
    SELECT *, code = 1 OR received AS accepted, code IN (0, 2, 5) AND NOT received AS waiting,
           array_position(%(reasons)s::smallint[], code) AS reason
    FROM reported
), resident AS (
    SELECT resident_id,
           bool_or(accepted) AS accepted,
           bool_or(waiting) AS waiting,
           bool_and(held = 1) FILTER (WHERE waiting) AS held,
           bool_or(received) AS received,
           bool_or(shown) AS shown,
           bool_or(opened) AS opened,
           bool_or(confirmed) AS confirmed,
           min(reason) AS reason
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
), unreached AS (
    SELECT coalesce(json_object_agg(why, n), '{}') AS unreached
    FROM (
        SELECT CASE WHEN waiting THEN 'held' ELSE reason::text END AS why, count(*) AS n
        FROM resident
        WHERE NOT accepted AND (NOT waiting OR held)
        GROUP BY 1
    ) AS counted
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
    SELECT count(*) FILTER (WHERE accepted OR waiting) AS n,
           array_agg(done_at ORDER BY done_at) FILTER (WHERE code = 1 AND done_at IS NOT NULL) AS at
    FROM device
)
SELECT to_json(residents) AS residents, to_json(devices) AS devices, unreached,
       extract(epoch FROM at[ceil(0.50 * n)::int] - %(frozen_at)s)::float8 AS seconds_to_50,
       extract(epoch FROM at[ceil(0.90 * n)::int] - %(frozen_at)s)::float8 AS seconds_to_90,
       extract(epoch FROM at[ceil(0.99 * n)::int] - %(frozen_at)s)::float8 AS seconds_to_99
FROM residents, devices, unreached, speed
