-- The rows in force into the staging table.
INSERT INTO {staged} ({columns})
SELECT {columns} FROM {table} WHERE closed_on IS NULL
