-- How far one message has come: how many `devices` and `residents` (each once, whatever the number of
-- their phones) have the same flags (funnel.Flag) and are in the same parts of the area, one row a
-- set of both.
-- month, message: the message's. flag_of: the flags of each outcome, by its number + 1; free: the
-- flag among them that a delivery doesn't have while its batch waits for a stated time.
-- by_part: whether parts are asked for; else all are in none.
-- received, shown, opened, confirmed: the flags of what a phone reports.
-- Index: the primary keys of dispatch_delivery and dispatch_receipt, batch_once.
-- Outcomes are looked up in one grid of all batches, receipts stacked and grouped, nothing joined:
-- each table is read once, whatever the planner believes. Just after the freezing it has no
-- statistics, and every join tried took seconds for 20,000.
WITH grid AS MATERIALIZED (
    SELECT array_agg(
               coalesce(codes, '{}')
               || array_fill(0::smallint, ARRAY[size.n - coalesce(cardinality(codes), 0)])
               ORDER BY numbered.no
           ) AS codes,
           array_agg(coalesce(not_before > now(), false) ORDER BY numbered.no) AS held
    FROM (
        SELECT max(no) AS last, max(n)::int AS n
        FROM dispatch_batch WHERE message_id = %(message)s
    ) AS size
    CROSS JOIN LATERAL generate_series(1, size.last) AS numbered(no)
    LEFT JOIN dispatch_batch batch
        ON batch.message_id = %(message)s AND batch.no = numbered.no
), device AS MATERIALIZED (
    SELECT max(resident_id) AS resident_id, bit_or(flags) AS flags,
           CASE WHEN %(by_part)s THEN bit_or(parts) FILTER (WHERE parts <> B'') END AS parts
    FROM (
        SELECT endpoint_id, resident_id,
               (%(flag_of)s::int[])[(SELECT codes FROM grid)[batch_no][pos] + 1]
               & CASE WHEN (SELECT held FROM grid)[batch_no] THEN ~%(free)s::int ELSE -1 END
                   AS flags,
               parts
        FROM dispatch_delivery
        WHERE month = %(month)s AND message_id = %(message)s
        UNION ALL
        SELECT endpoint_id, resident_id,
               CASE event WHEN 'received' THEN %(received)s WHEN 'shown' THEN %(shown)s
                          WHEN 'opened' THEN %(opened)s ELSE %(confirmed)s END,
               B''
        FROM dispatch_receipt
        WHERE month = %(month)s AND message_id = %(message)s
    ) AS stacked
    GROUP BY endpoint_id
)
SELECT 'devices' AS what, flags, NULL AS parts, count(*) AS n FROM device GROUP BY flags
UNION ALL
SELECT 'residents', flags, parts::text, count(*)
FROM (
    SELECT bit_or(flags) AS flags, CASE WHEN %(by_part)s THEN bit_or(parts) END AS parts
    FROM device
    GROUP BY resident_id
) AS resident
GROUP BY flags, parts
