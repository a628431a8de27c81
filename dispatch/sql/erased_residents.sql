-- Residents who are erased and still in deliveries: each once.
-- since: when the messages that are looked at were frozen. Index: the primary keys.
SELECT DISTINCT delivery.resident_id
FROM dispatch_message message
JOIN dispatch_delivery delivery
    ON delivery.month = message.month AND delivery.message_id = message.id
WHERE message.frozen_at >= %(since)s
  AND delivery.resident_id > 0
  AND NOT EXISTS (SELECT 1 FROM residents_resident WHERE id = delivery.resident_id)
