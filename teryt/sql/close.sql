-- Closes the rows in force that the staged file no longer has.
-- on: the file's state date. Index: the staged table's unique one on the key.
UPDATE {table} AS held SET closed_on = %(on)s
WHERE closed_on IS NULL
  AND NOT EXISTS (SELECT FROM {staged} AS staged WHERE ({staged_key}) = ({held_key}))
