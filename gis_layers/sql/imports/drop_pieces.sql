-- Takes the lines away that streets were made of: rows up to n = last.
DELETE FROM import_row WHERE n <= %(last)s
