-- Takes a resident out of every delivery and receipt, the counts unchanged: in each message the
-- devices get negative numbers made of their position, and the resident the lowest of those. So a
-- person is still counted once a message, and no two messages can be linked any more.
-- resident: id. Reads the deliveries through: erasure is rare, an index would cost every sending.
WITH alias AS (
    SELECT month, message_id, batch_no, pos, endpoint_id,
           -(batch_no::bigint * 32768 + pos) AS endpoint_alias,
           min(-(batch_no::bigint * 32768 + pos)) OVER (PARTITION BY month, message_id)
               AS resident_alias
    FROM dispatch_delivery
    WHERE resident_id = %(resident)s
), receipt AS (
    UPDATE dispatch_receipt receipt
    SET endpoint_id = alias.endpoint_alias, resident_id = alias.resident_alias
    FROM alias
    WHERE receipt.month = alias.month
      AND receipt.message_id = alias.message_id
      AND receipt.endpoint_id = alias.endpoint_id
)
UPDATE dispatch_delivery delivery
SET endpoint_id = alias.endpoint_alias, resident_id = alias.resident_alias
FROM alias
WHERE delivery.month = alias.month
  AND delivery.message_id = alias.message_id
  AND delivery.batch_no = alias.batch_no
  AND delivery.pos = alias.pos
