-- The phones of freeze_reached.sql, those with the same not_before numbered from 0 in sending order:
-- nearest to the focus first, then those seen lately.
, endpoint AS (
    SELECT endpoint_id, resident_id, place_kind, not_before,
        row_number() OVER (
            PARTITION BY not_before ORDER BY distance_m, last_seen_at DESC, endpoint_id
        ) - 1 AS n
    FROM reached
)
