-- Messages of running alerts of which too many deliveries fail for reasons that
-- are ours: refused payload, credentials, given up. A dead token, a phone that is gone, an alert that
-- was ended are not.
-- percent: more of these are too many; least: and at least so many.
-- Outcomes: 4 payload refused, 5 credentials, 6 gave up. Index: batch_once.
SELECT message.id AS message_id
FROM dispatch_message message
JOIN dispatch_alert alert ON alert.id = message.alert_id
CROSS JOIN LATERAL (
    SELECT sum(cardinality(array_positions(codes, 4::smallint))
               + cardinality(array_positions(codes, 5::smallint))
               + cardinality(array_positions(codes, 6::smallint))) AS failed,
           sum(n) AS n
    FROM dispatch_batch
    WHERE message_id = message.id
) AS batches
WHERE alert.state IN ('sending', 'active')
  AND batches.failed >= %(least)s
  AND batches.failed * 100 > batches.n * %(percent)s
