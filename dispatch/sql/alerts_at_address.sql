-- The running alerts of the gmina that reach somebody whose declared place is this address: ids.
-- gmina: id; address: fid of a published address point of it. locality_alerts, locality_simcs:
-- alert and SIMC of the localities aimed at, parts included.
-- Index: address_shown_once; areapiece and areapart by message and alert.
SELECT alert.id
FROM dispatch_alert alert
JOIN gis_layers_addresspoint address
    ON address.fid = %(address)s AND address.until IS NULL
JOIN gis_layers_layer layer ON layer.id = address.layer_id AND layer.gmina_id = alert.gmina_id
WHERE alert.gmina_id = %(gmina)s AND alert.state IN ('sending', 'active') AND (
    EXISTS (
        SELECT FROM dispatch_areapart part
        WHERE part.alert_id = alert.id AND (
            part.kind = 'gmina'
            OR address.fid = ANY(part.address_fids)
            OR part.kind = 'feature' AND part.reach = 'addresses' AND part.numbers = ''
               AND part.fid = address.street_fid
        )
    ) OR EXISTS (
        SELECT FROM unnest(%(locality_alerts)s::bigint[], %(locality_simcs)s::text[])
            AS locality(alert_id, simc)
        WHERE locality.alert_id = alert.id AND locality.simc = address.simc
    ) OR EXISTS (
        SELECT FROM dispatch_message message
        JOIN dispatch_areapiece piece ON piece.message_id = message.id
        WHERE message.alert_id = alert.id
          AND ST_DWithin(address.geom, piece.geom, piece.reach_m)
    )
)
