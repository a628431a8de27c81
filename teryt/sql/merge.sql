-- Takes the staged rows into {table}; a row that had been closed is open again. Returns how many
-- were not in force before.
-- Index: the unique one on {key}.
WITH closed AS (
    SELECT {key} FROM {table} WHERE closed_on IS NOT NULL
), merged AS (
    INSERT INTO {table} AS held ({columns})
    SELECT {columns} FROM {staged}
    ON CONFLICT ({key}) DO UPDATE SET ({columns}, closed_on) = ({excluded}, NULL)
    WHERE ({held}, held.closed_on) IS DISTINCT FROM ({excluded}, NULL)
    RETURNING {key}, xmax = 0 AS is_new
)
SELECT count(*) FILTER (WHERE is_new OR closed IS NOT NULL)
FROM merged
LEFT JOIN closed USING ({key})
