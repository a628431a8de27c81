-- Whom an alert for one street has to reach, computed without the code that computes it: one row a
-- reachable device: id of the resident, encrypted push target.
-- gmina: slug; street: its exact name; muted_kind: code of the kind of alert.
-- Goes from the people to the street, place by place; needs no index, takes about a second.
SELECT resident.id, device.push_value_encrypted
FROM residents_resident resident
JOIN residents_device device ON device.resident_id = resident.id
WHERE device.push_value_encrypted IS NOT NULL
  AND NOT EXISTS (
      SELECT FROM residents_mute mute
      WHERE mute.resident_id = resident.id AND mute.kind = %(muted_kind)s
  )
  AND EXISTS (
      SELECT
      FROM residents_place place
      JOIN accounts_gmina gmina ON gmina.id = place.gmina_id AND gmina.slug = %(gmina)s
      LEFT JOIN gis_layers_addresspoint address
          ON address.fid = place.address_point_fid AND address.until IS NULL
      JOIN gis_layers_feature street
          ON street.fid = coalesce(address.street_fid, place.street_fid) AND street.until IS NULL
      JOIN gis_layers_layer layer
          ON layer.id = street.layer_id AND layer.gmina_id = gmina.id AND layer.kind = 'street'
      WHERE place.resident_id = resident.id AND street.name = %(street)s
  )
