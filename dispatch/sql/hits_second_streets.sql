-- People who may be of a street: it is the second candidate of their place. Emergencies only.
-- Parameters as in hits_streets.sql. Index: place_street_2.
    SELECT street.part, place.resident_id, place.kind, place.geom, true AS is_unsure
    FROM unnest(%(street_parts)s::int[], %(street_fids)s::bigint[]) AS street(part, fid)
    JOIN residents_place place ON place.street_fid_2 = street.fid
    WHERE place.gmina_id = %(gmina)s
