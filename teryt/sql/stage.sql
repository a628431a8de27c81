-- An empty table like {table} for the time of this transaction.
CREATE TEMPORARY TABLE {staged} (LIKE {table} INCLUDING IDENTITY) ON COMMIT DROP
