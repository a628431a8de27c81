-- The area of a message's alert as one GeoJSON geometry (4326, five decimals: a metre), reaches
-- included, simplified to five metres; null where it has no shape, as a locality has none.
-- message: id; an all-clear has no pieces of its own, so the alert's newest message with pieces
-- counts. Index: areapiece by message.
WITH aimed AS (
    SELECT max(piece.message_id) AS id
    FROM dispatch_message message
    JOIN dispatch_message sibling ON sibling.alert_id = message.alert_id
    JOIN dispatch_areapiece piece ON piece.message_id = sibling.id
    WHERE message.id = %(message)s AND sibling.id <= message.id
), shapes AS (
    SELECT CASE WHEN reach_m > 0 THEN ST_Buffer(geom, reach_m, 4) ELSE geom END AS shape
    FROM dispatch_areapiece
    WHERE message_id = (SELECT id FROM aimed)
)
SELECT ST_AsGeoJSON(
    ST_Transform(ST_SimplifyPreserveTopology(ST_UnaryUnion(ST_Collect(shape)), 5), 4326), 5
) AS area
FROM shapes
