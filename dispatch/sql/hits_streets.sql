-- People of a street: places attached to it.
-- gmina; street_parts, street_fids: arrays of one length. Index: place_street.
    SELECT street.part, place.resident_id, place.kind, place.geom, false AS is_unsure
    FROM unnest(%(street_parts)s::int[], %(street_fids)s::bigint[]) AS street(part, fid)
    JOIN residents_place place ON place.street_fid = street.fid
    WHERE place.gmina_id = %(gmina)s
