-- Gives the one row that there is the gmina's own name and code; the number of rows. No row is
-- changed where there are several.
UPDATE import_row SET name = %(name)s, place = %(name)s, search_name = %(search_name)s, code = %(code)s
WHERE (SELECT count(*) FROM import_row) = 1
