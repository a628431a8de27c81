-- The phones of freeze_had.sql, in the order in which it went to them, then those of
-- freeze_reached.sql that are new, in sending order; numbered as in freeze_endpoints.sql.
, told AS (
    SELECT endpoint_id, resident_id, place_kind, parts, not_before, message_id, batch_no, pos,
        NULL::bigint AS rank
    FROM again
    UNION ALL
    SELECT endpoint_id, resident_id, place_kind, parts, not_before, NULL, NULL, NULL, rank
    FROM reached
    WHERE NOT EXISTS (SELECT FROM again WHERE again.endpoint_id = reached.endpoint_id)
), endpoint AS (
    SELECT endpoint_id, resident_id, place_kind, parts, not_before,
        row_number() OVER (
            PARTITION BY not_before ORDER BY message_id, batch_no, pos, rank, endpoint_id
        ) - 1 AS n
    FROM told
)
