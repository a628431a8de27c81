-- People in a piece: every place of the gmina within the piece's reach.
-- gmina; piece_parts, piece_wkbs (EPSG:2180), piece_reaches (metres): arrays of one length.
-- Index: place_geom_gist.
    SELECT piece.part, place.resident_id, place.kind, place.geom, false AS is_unsure
    FROM (
        SELECT raw.part, ST_GeomFromWKB(raw.wkb, 2180) AS geom, raw.reach_m
        FROM unnest(%(piece_parts)s::int[], %(piece_wkbs)s::bytea[], %(piece_reaches)s::float8[])
            AS raw(part, wkb, reach_m)
        OFFSET 0 -- builds each geometry once, not once a place
    ) AS piece
    JOIN residents_place place ON ST_DWithin(place.geom, piece.geom, piece.reach_m)
    WHERE place.gmina_id = %(gmina)s
