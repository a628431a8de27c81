-- Those of the residents who have a phone with a delivery of the message.
-- arrived: resident ids; month, message: the message's. Index: residents_device (resident_id),
-- delivery_once.
SELECT DISTINCT device.resident_id
FROM residents_device device
JOIN dispatch_delivery delivery
    ON delivery.month = %(month)s AND delivery.message_id = %(message)s
    AND delivery.channel = 'fcm' AND delivery.endpoint_id = device.id
WHERE device.resident_id = ANY(%(arrived)s)
