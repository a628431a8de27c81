-- Units of a file: n, place, name, code.
SELECT n, place, name, code FROM import_row ORDER BY n
