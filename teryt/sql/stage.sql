-- An empty table like {table}, with its keys, for the time of this transaction.
CREATE TEMPORARY TABLE {staged} (LIKE {table} INCLUDING IDENTITY INCLUDING INDEXES) ON COMMIT DROP
