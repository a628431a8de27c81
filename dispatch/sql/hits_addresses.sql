-- People of single addresses: house numbers, or a street of the register without a line.
-- gmina; address_parts, address_fids: arrays of one length. Index: place_address.
    SELECT address.part, place.resident_id, place.kind, place.geom, false AS is_unsure
    FROM unnest(%(address_parts)s::int[], %(address_fids)s::bigint[]) AS address(part, fid)
    JOIN residents_place place ON place.address_point_fid = address.fid
    WHERE place.gmina_id = %(gmina)s
