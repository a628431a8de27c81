-- Stores what a device reports of deliveries made to itself; returns the idx of each that was.
-- The first report of an event counts; a later one is no error and changes nothing.
-- device: id; arrays of one length: idxs, message_ids, batch_nos, poss, events, ats (null: now).
-- Index: the primary keys of dispatch_delivery and dispatch_receipt (by month).
WITH reported AS (
    SELECT *
    FROM unnest(
        %(idxs)s::int[], %(message_ids)s::bigint[], %(batch_nos)s::int[], %(poss)s::smallint[],
        %(events)s::text[], %(ats)s::timestamptz[]
    ) AS report(idx, message_id, batch_no, pos, event, at)
), own AS (
    SELECT reported.idx, delivery.month, delivery.message_id, delivery.endpoint_id,
           delivery.resident_id, reported.event,
           -- A phone's clock may be wrong: never before the freezing, never in the future.
           least(greatest(coalesce(reported.at, now()), message.frozen_at), now()) AS at
    FROM reported
    JOIN dispatch_message message ON message.id = reported.message_id
    JOIN dispatch_delivery delivery
        ON delivery.month = message.month
        AND delivery.message_id = reported.message_id
        AND delivery.batch_no = reported.batch_no
        AND delivery.pos = reported.pos
        -- Names every column of both unique indexes: a look-up, also before any statistics.
        AND delivery.channel = 'fcm'
        AND delivery.endpoint_id = %(device)s
), stored AS (
    INSERT INTO dispatch_receipt
        (month, message_id, endpoint_id, event, resident_id, at, reported_at)
    SELECT month, message_id, endpoint_id, event, resident_id, at, now()
    FROM own
    ORDER BY idx
    ON CONFLICT DO NOTHING
)
SELECT idx FROM own
