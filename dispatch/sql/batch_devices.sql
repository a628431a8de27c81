-- The devices of one batch, in order; nulls where one has been erased, or has no push target.
-- month, message_id, batch_no: the batch's. Index: the primary key of dispatch_delivery.
SELECT delivery.pos, device.id, device.platform, device.lang, device.push_kind,
    device.push_value_encrypted, device.push_hash
FROM dispatch_delivery AS delivery
LEFT JOIN residents_device AS device ON device.id = delivery.endpoint_id
WHERE delivery.month = %(month)s
  AND delivery.message_id = %(message_id)s
  AND delivery.batch_no = %(batch_no)s
ORDER BY delivery.pos
