-- Lets a message go again to phones that had lost their push target when their turn came and have
-- reported one since. Returns how many, and how many must wait for a sender that has their batch.
-- arrived: resident ids; month, message: the message's. Outcomes (outcomes.py): 3 target dead,
-- 7 unreachable. Batch states: 0 waiting, 1 claimed, 2 done.
-- Index: residents_device (resident_id), delivery_once, batch_once.
WITH missed AS (
    SELECT batch.id, delivery.pos
    FROM residents_device device
    JOIN dispatch_delivery delivery
        ON delivery.month = %(month)s AND delivery.message_id = %(message)s
        AND delivery.channel = 'fcm' AND delivery.endpoint_id = device.id
    JOIN dispatch_batch batch
        ON batch.message_id = delivery.message_id AND batch.no = delivery.batch_no
    WHERE device.resident_id = ANY(%(arrived)s)
      AND device.push_hash IS NOT NULL
      AND batch.codes[delivery.pos] IN (3, 7)
), opened AS (
    UPDATE dispatch_batch batch
    SET state = 0,
        not_before = NULL,
        codes = (
            SELECT array_agg(CASE WHEN pos = ANY(again.positions) THEN 0 ELSE code END ORDER BY pos)
            FROM unnest(batch.codes) WITH ORDINALITY AS each(code, pos)
        ),
        wake_at = (
            SELECT array_agg(CASE WHEN pos = ANY(again.positions) THEN NULL ELSE wake END ORDER BY pos)
            FROM unnest(batch.wake_at) WITH ORDINALITY AS each(wake, pos)
        )
    FROM (SELECT id, array_agg(pos::bigint) AS positions FROM missed GROUP BY id) AS again
    WHERE batch.id = again.id AND batch.state <> 1
    RETURNING batch.id
)
SELECT count(opened.id) AS opened, count(*) - count(opened.id) AS waiting
FROM missed
LEFT JOIN opened USING (id)
