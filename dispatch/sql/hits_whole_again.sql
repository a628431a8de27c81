-- hits_whole.sql where several parts say so. whole_parts: their positions.
    SELECT whole.part, place.resident_id, place.kind, place.geom, false AS is_unsure
    FROM residents_place place
    CROSS JOIN unnest(%(whole_parts)s::int[]) AS whole(part)
    WHERE place.gmina_id = %(gmina)s
