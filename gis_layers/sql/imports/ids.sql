-- Notes ids of the file that stand for several features: nobody could tell which is meant.
INSERT INTO import_case (code, place)
SELECT 'id_twice', attrs ->> 'id'
FROM import_row
WHERE attrs ? 'id'
GROUP BY attrs ->> 'id'
HAVING count(*) > 1
ORDER BY min(n)
