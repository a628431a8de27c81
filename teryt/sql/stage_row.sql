-- One row into the staging table, unless its key is there.
INSERT INTO {staged} ({columns}) VALUES ({values})
ON CONFLICT DO NOTHING
