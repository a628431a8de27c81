-- The first staged row, by key, that hangs on nothing in force, and what it lacks; no row: all do.
-- {parent}: WOJ+POW+GMI or SIMC; {parents}: the table that has it.
SELECT concat_ws('/', {staged_key}), {parent}
FROM {staged} AS staged
WHERE NOT EXISTS (
    SELECT FROM {parents} AS parents
    WHERE parents.{parent} = staged.{parent} AND parents.closed_on IS NULL
)
ORDER BY 1
LIMIT 1
