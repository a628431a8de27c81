-- Of a file of many gminas keeps the one with the gmina's code, where there is one.
-- six: first six digits of its TERC.
DELETE FROM import_row
WHERE left(code, 6) <> %(six)s AND EXISTS (SELECT FROM import_row WHERE left(code, 6) = %(six)s)
