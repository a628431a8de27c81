-- The phones that had an alert, as CTE again(endpoint_id, resident_id, place_kind, parts,
-- message_id, batch_no, pos, not_before): those whose delivery was accepted or may have been (outcome 2, or a
-- batch that is with a sender now), and those that reported it; a phone without a push target can't
-- be told. Each with its newest delivery. not_before, held: as in freeze_reached.sql.
-- month_from: the first message's month; earlier: ids of the alert's messages; owed: also those
-- whose turn is still to come.
-- Outcomes (outcomes.py): 0 waiting, 1 accepted, 2 retry, 5 held. Batch states: 1 claimed.
-- Index: the primary keys of dispatch_delivery and dispatch_receipt, batch_once, resident_quiet.
had AS (
    SELECT DISTINCT ON (delivery.endpoint_id)
        delivery.endpoint_id, delivery.resident_id, delivery.place_kind, delivery.parts,
        delivery.message_id, delivery.batch_no, delivery.pos
    FROM dispatch_delivery delivery
    JOIN dispatch_batch batch
        ON batch.message_id = delivery.message_id AND batch.no = delivery.batch_no
    WHERE delivery.month >= %(month_from)s
      AND delivery.message_id = ANY(%(earlier)s)
      AND (batch.codes[delivery.pos] IN (1, 2)
           OR batch.codes[delivery.pos] = 0 AND batch.state = 1
           OR %(owed)s AND batch.codes[delivery.pos] IN (0, 5)
           OR EXISTS (SELECT 1 FROM dispatch_receipt receipt
                      WHERE receipt.month = delivery.month
                        AND receipt.message_id = delivery.message_id
                        AND receipt.endpoint_id = delivery.endpoint_id))
    ORDER BY delivery.endpoint_id, delivery.message_id DESC
), again AS (
    SELECT had.*,
        coalesce((%(held)s::jsonb ->> sleeper.quiet_name)::timestamptz, '-infinity') AS not_before
    FROM had
    JOIN residents_device device ON device.id = had.endpoint_id AND device.push_hash IS NOT NULL
    LEFT JOIN residents_resident sleeper
        ON sleeper.id = had.resident_id AND sleeper.quiet_name IS NOT NULL
)
