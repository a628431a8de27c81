-- Notes streets of addresses that were not found, or may be one of several, the commonest first.
INSERT INTO import_case (code, place, details)
SELECT doubt, attrs ->> 'street_name', jsonb_build_object('addresses', count(*))
FROM import_row
WHERE doubt <> ''
GROUP BY doubt, attrs ->> 'street_name'
ORDER BY count(*) DESC, 2
