-- The months for which a table has a partition of its own, in order.
-- table: the partitioned table's name. Partitions are named after their month (partitions.py).
SELECT substring(child.relname FROM '(\d{4})_\d{2}$')::int AS year,
       substring(child.relname FROM '\d{4}_(\d{2})$')::int AS month
FROM pg_inherits
JOIN pg_class child ON child.oid = inhrelid
WHERE inhparent = %(table)s::regclass AND child.relname ~ '_\d{4}_\d{2}$'
ORDER BY 1, 2
