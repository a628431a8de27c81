-- Claims up to `most` notice deliveries that are due and returns their id and attempt.
-- lease_s seconds: for so long nobody else takes them; past that they are due again.
-- Index: notice_delivery_due (not_before) WHERE state = 0.
WITH due AS MATERIALIZED (
    SELECT id
    FROM dispatch_noticedelivery
    WHERE state = 0 AND not_before <= now()
    ORDER BY not_before
    LIMIT %(most)s
    FOR UPDATE SKIP LOCKED
)
UPDATE dispatch_noticedelivery AS delivery
SET attempt = attempt + 1,
    not_before = now() + make_interval(secs => %(lease_s)s)
FROM due
WHERE delivery.id = due.id
RETURNING delivery.id, delivery.attempt
