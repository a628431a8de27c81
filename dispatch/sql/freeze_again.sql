-- The phones of freeze_had.sql, those with the same not_before numbered from 0 in the order in which
-- it went to them.
, endpoint AS (
    SELECT endpoint_id, resident_id, place_kind, parts, not_before,
        row_number() OVER (PARTITION BY not_before ORDER BY message_id, batch_no, pos) - 1 AS n
    FROM again
)
