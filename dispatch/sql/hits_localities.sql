-- People of a locality, with or without streets or a polygon.
-- gmina; locality_parts, locality_simcs: arrays of one length. Index: place_gmina_simc.
    SELECT locality.part, place.resident_id, place.kind, place.geom, false AS is_unsure
    FROM unnest(%(locality_parts)s::int[], %(locality_simcs)s::text[]) AS locality(part, simc)
    JOIN residents_place place ON place.simc = locality.simc
    WHERE place.gmina_id = %(gmina)s
