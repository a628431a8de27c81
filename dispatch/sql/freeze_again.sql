-- The phones that had an alert, numbered from 0 in the order in which it went to them: those whose
-- delivery was accepted or may have been (outcome 2, or a batch that is with a sender now), and
-- those that reported it. A phone without a push target can't be told.
-- month_from: the first message's month; earlier: ids of the alert's messages.
-- Outcomes (outcomes.py): 0 waiting, 1 accepted, 2 retry. Batch states: 1 claimed.
-- Index: the primary keys of dispatch_delivery and dispatch_receipt, batch_once.
WITH had AS (
    SELECT DISTINCT ON (delivery.endpoint_id)
        delivery.endpoint_id, delivery.resident_id, delivery.place_kind,
        delivery.message_id, delivery.batch_no, delivery.pos
    FROM dispatch_delivery delivery
    JOIN dispatch_batch batch
        ON batch.message_id = delivery.message_id AND batch.no = delivery.batch_no
    WHERE delivery.month >= %(month_from)s
      AND delivery.message_id = ANY(%(earlier)s)
      AND (batch.codes[delivery.pos] IN (1, 2)
           OR batch.codes[delivery.pos] = 0 AND batch.state = 1
           OR EXISTS (SELECT 1 FROM dispatch_receipt receipt
                      WHERE receipt.month = delivery.month
                        AND receipt.message_id = delivery.message_id
                        AND receipt.endpoint_id = delivery.endpoint_id))
    ORDER BY delivery.endpoint_id, delivery.message_id DESC
), endpoint AS (
    SELECT had.endpoint_id, had.resident_id, had.place_kind,
        row_number() OVER (ORDER BY had.message_id, had.batch_no, had.pos) - 1 AS n
    FROM had
    JOIN residents_device device ON device.id = had.endpoint_id AND device.push_hash IS NOT NULL
)
