-- The phones that an area reaches now, as CTE reached(endpoint_id, resident_id, place_kind, parts,
-- rank, not_before). Follows freeze_people.sql.
-- place_kind: home comes before work, work before other: the reason that the phone's owner is told.
-- not_before: '-infinity' at once, end of their people's quiet hours, 'infinity': over by then.
-- held: JSON {hours: moment} (quiet.py). Index: resident_quiet.
, reached AS (
    SELECT phone.endpoint_id, phone.resident_id, phone.parts, phone.rank,
        CASE WHEN why & 1 > 0 THEN 'home' WHEN why & 2 > 0 THEN 'work' ELSE 'other' END
            AS place_kind,
        -- Without anybody held a constant, which spares the sort a column.
        CASE WHEN %(held)s::jsonb = '{}' THEN '-infinity' ELSE
            coalesce((%(held)s::jsonb ->> sleeper.quiet_name)::timestamptz, '-infinity')
        END AS not_before
    FROM phone
    LEFT JOIN residents_resident sleeper
        ON sleeper.id = phone.resident_id AND sleeper.quiet_name IS NOT NULL
        AND %(held)s::jsonb <> '{}'
    WHERE phone.endpoint_id IS NOT NULL AND NOT phone.is_muted
)
