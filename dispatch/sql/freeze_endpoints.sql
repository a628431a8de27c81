-- The phones of freeze_reached.sql, those with the same not_before numbered from 0 in sending order.
, endpoint AS (
    SELECT endpoint_id, resident_id, place_kind, parts, not_before,
        row_number() OVER (PARTITION BY not_before ORDER BY rank, endpoint_id) - 1 AS n
    FROM reached
)
