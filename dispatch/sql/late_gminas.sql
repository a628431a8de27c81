-- The gminas where the residents have places, each with these residents and with whether somebody
-- else freezes there now. arrived: resident ids; freezing: fanout.FREEZING.
SELECT place.gmina_id, array_agg(DISTINCT place.resident_id) AS residents,
    EXISTS (
        SELECT FROM pg_locks held
        WHERE held.locktype = 'advisory' AND held.objsubid = 2
          AND held.database = (SELECT oid FROM pg_database WHERE datname = current_database())
          AND held.classid = %(freezing)s AND held.objid = place.gmina_id
          AND held.pid <> pg_backend_pid()
    ) AS is_freezing
FROM residents_place place
WHERE place.resident_id = ANY(%(arrived)s) AND place.gmina_id IS NOT NULL
GROUP BY place.gmina_id
