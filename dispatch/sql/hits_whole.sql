-- Everybody with a place in the gmina. gmina; whole_part: position of the part that says so.
-- Index: place_gmina_simc.
    SELECT %(whole_part)s::int AS part, place.resident_id, place.kind, place.geom,
        false AS is_unsure
    FROM residents_place place
    WHERE place.gmina_id = %(gmina)s
