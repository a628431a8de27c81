-- Who of a batch has quiet hours: position (from 1) and Resident.quiet_name.
-- month, message, batch: the batch's. Index: the primary key of dispatch_delivery, resident_quiet.
SELECT delivery.pos, resident.quiet_name
FROM dispatch_delivery delivery
JOIN residents_resident resident
    ON resident.id = delivery.resident_id AND resident.quiet_name IS NOT NULL
WHERE delivery.month = %(month)s
  AND delivery.message_id = %(message)s
  AND delivery.batch_no = %(batch)s
