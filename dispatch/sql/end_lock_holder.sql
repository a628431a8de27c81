-- Ends the sessions that hold an advisory lock of this database; a row each: whether it was told.
-- Not one whose statement runs, unless that waits for its client to take or to send something.
-- lock: the lock's 64-bit number, which pg_locks shows in two halves.
SELECT pg_terminate_backend(pid) AS told
FROM pg_locks
JOIN pg_stat_activity USING (pid)
WHERE locktype = 'advisory'
    AND granted
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND classid::bigint = %(lock)s::bigint >> 32
    AND objid::bigint = %(lock)s::bigint & x'ffffffff'::bigint
    AND objsubid = 1
    AND (state IS DISTINCT FROM 'active' OR wait_event_type = 'Client')
