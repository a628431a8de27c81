-- Hang the places of a gmina on the streets that took the place of others; their ids.
-- gmina: id; old, new: fids, pairwise. Index: place_gmina_simc.
WITH heir AS (
    SELECT * FROM unnest(%(old)s::bigint[], %(new)s::bigint[]) AS t (old, new)
)
UPDATE residents_place p
SET street_fid = coalesce(one.new, p.street_fid),
    street_fid_2 = nullif(coalesce(two.new, p.street_fid_2), coalesce(one.new, p.street_fid))
FROM residents_place q
LEFT JOIN heir one ON one.old = q.street_fid
LEFT JOIN heir two ON two.old = q.street_fid_2
WHERE p.id = q.id AND q.gmina_id = %(gmina)s AND (one.old IS NOT NULL OR two.old IS NOT NULL)
RETURNING p.id
