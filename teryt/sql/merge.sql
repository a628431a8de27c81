-- Takes the staged rows into {table}; a row that had been closed is open again. Returns one row for
-- each that was added (true) or changed (false).
-- Index: the unique one on {key}.
INSERT INTO {table} AS held ({columns})
SELECT {columns} FROM {staged}
ON CONFLICT ({key}) DO UPDATE SET ({columns}, closed_on) = ({excluded}, NULL)
WHERE ({held}, held.closed_on) IS DISTINCT FROM ({excluded}, NULL)
RETURNING xmax = 0
