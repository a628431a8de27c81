-- Everybody with a place in the gmina. gmina; whole_parts: positions of the parts that say so.
-- Index: place_gmina_simc.
    SELECT whole.part, place.resident_id, place.kind, place.geom, false AS is_unsure
    FROM residents_place place
    CROSS JOIN unnest(%(whole_parts)s::int[]) AS whole(part)
    WHERE place.gmina_id = %(gmina)s
