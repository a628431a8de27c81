-- Matches rows of the file with shown features by one key, where it is one feature's on both
-- sides; those matched before are left alone. key: which (identity.KEYS).
WITH free AS (
    SELECT true AS ours, n AS owner, said_fid AS fid, name, code, simc, attrs, digest
    FROM import_row r
    WHERE NOT EXISTS (SELECT FROM import_match m WHERE m.n = r.n)
    UNION ALL
    SELECT false, fid, fid, name, code, simc, attrs, digest
    FROM import_shown s
    WHERE NOT EXISTS (SELECT FROM import_match m WHERE m.fid = s.fid)
), keyed AS (
    SELECT ours, owner, CASE %(key)s
        WHEN 'fid' THEN fid::text
        WHEN 'id' THEN attrs ->> 'id'
        WHEN 'code' THEN nullif(code, '')
        WHEN 'shape' THEN digest::text
        WHEN 'name' THEN simc || ' ' || nullif(name, '')
        -- An address in words: locality, street by code, feature or name, number.
        WHEN 'address' THEN concat_ws(
            chr(31), simc,
            coalesce(nullif(attrs ->> 'ulic', ''), attrs ->> 'street_fid',
                     attrs ->> 'street_name'),
            attrs ->> 'number')
    END AS key
    FROM free
), single AS (
    SELECT ours, key, min(owner) AS owner
    FROM keyed
    WHERE key IS NOT NULL
    GROUP BY ours, key
    HAVING count(*) = 1
)
INSERT INTO import_match (n, fid)
SELECT a.owner, b.owner
FROM single a JOIN single b USING (key)
WHERE a.ours AND NOT b.ours
