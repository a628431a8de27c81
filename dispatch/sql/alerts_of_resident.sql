-- The alerts that concern a resident, each with the newest message that speaks of it, and with
-- the resident's places that lie in its area now (JSON array of {"place_id", "kind"}).
-- An alert concerns whom it was delivered to, and who has a place in its area.
-- resident: id; devices: ids of the resident's devices; ref: one alert, whatever its state, or
-- null: all that run. locality_alerts, locality_simcs: alert and SIMC of the localities aimed at,
-- parts included.
-- Index: place by resident, areapiece and areapart by message and alert, delivery_once.
WITH candidate AS (
    SELECT DISTINCT ON (message.alert_id) message.*
    FROM dispatch_message message
    JOIN dispatch_alert alert ON alert.id = message.alert_id
    WHERE CASE WHEN %(ref)s::text IS NULL
        THEN alert.state IN ('sending', 'active')
        ELSE alert.ref = %(ref)s
    END
    ORDER BY message.alert_id, message.id DESC
), told AS (
    SELECT DISTINCT message.alert_id
    FROM dispatch_message message
    JOIN candidate USING (alert_id)
    JOIN dispatch_delivery delivery
        ON delivery.month = message.month AND delivery.message_id = message.id
        AND delivery.channel = 'fcm' AND delivery.endpoint_id = ANY(%(devices)s)
), inside AS (
    SELECT message.alert_id,
           json_agg(
               json_build_object('place_id', place.public_id, 'kind', place.kind)
               ORDER BY place.id
           ) AS why
    FROM candidate message
    JOIN residents_place place
        ON place.resident_id = %(resident)s AND place.gmina_id = message.gmina_id
    WHERE EXISTS (
        SELECT FROM dispatch_areapart part
        WHERE part.alert_id = message.alert_id AND (
            part.kind = 'gmina'
            OR place.address_point_fid = ANY(part.address_fids)
            OR part.kind = 'feature' AND part.reach = 'addresses' AND part.numbers = '' AND (
                part.fid = place.street_fid
                OR message.severity = 'emergency' AND part.fid = place.street_fid_2
            )
        )
    ) OR EXISTS (
        SELECT FROM unnest(%(locality_alerts)s::bigint[], %(locality_simcs)s::text[])
            AS locality(alert_id, simc)
        WHERE locality.alert_id = message.alert_id AND locality.simc = place.simc
    ) OR EXISTS (
        SELECT FROM dispatch_message aimed
        JOIN dispatch_areapiece piece ON piece.message_id = aimed.id
        WHERE aimed.alert_id = message.alert_id
          AND ST_DWithin(place.geom, piece.geom, piece.reach_m)
    )
    GROUP BY message.alert_id
)
SELECT candidate.id AS message_id, inside.why
FROM candidate
LEFT JOIN inside USING (alert_id)
WHERE inside.why IS NOT NULL OR candidate.alert_id IN (SELECT alert_id FROM told)
ORDER BY candidate.id DESC
