-- Every delivery to a resident, oldest first: which alert, why, what became of it by FCM's answer
-- (outcomes.py) and by the phone's own word (JSON {event: time}).
-- resident: id. Reads the deliveries through, as forget_resident.sql does.
SELECT alert.ref, message.id AS message_id, message.kind, message.frozen_at, delivery.place_kind,
       batch.codes[delivery.pos] AS outcome,
       (
           SELECT json_object_agg(receipt.event, receipt.at)
           FROM dispatch_receipt receipt
           WHERE receipt.month = delivery.month
             AND receipt.message_id = delivery.message_id
             AND receipt.endpoint_id = delivery.endpoint_id
       ) AS receipts
FROM dispatch_delivery delivery
JOIN dispatch_message message ON message.id = delivery.message_id
JOIN dispatch_alert alert ON alert.id = message.alert_id
JOIN dispatch_batch batch ON batch.message_id = delivery.message_id AND batch.no = delivery.batch_no
WHERE delivery.resident_id = %(resident)s
ORDER BY message.id, delivery.batch_no, delivery.pos
