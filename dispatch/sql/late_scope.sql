-- Stand for the tables of the same name in what follows: only the places of residents who arrived,
-- only the devices of theirs that have no delivery of the message.
-- arrived: resident ids; month, message: the message's.
-- Index: residents_place (resident_id), residents_device (resident_id), delivery_once.
residents_place AS NOT MATERIALIZED (
    SELECT * FROM residents_place WHERE resident_id = ANY(%(arrived)s)
), residents_device AS NOT MATERIALIZED (
    SELECT *
    FROM residents_device device
    WHERE resident_id = ANY(%(arrived)s)
      AND NOT EXISTS (
          SELECT FROM dispatch_delivery delivery
          WHERE delivery.month = %(month)s AND delivery.message_id = %(message)s
            AND delivery.channel = 'fcm' AND delivery.endpoint_id = device.id
      )
)
