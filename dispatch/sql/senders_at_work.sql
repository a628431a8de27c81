-- How many senders hold one of the advisory locks of this database; locks: their number's half.
SELECT count(*)
FROM pg_locks
WHERE locktype = 'advisory'
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND classid = %(locks)s
  AND granted
