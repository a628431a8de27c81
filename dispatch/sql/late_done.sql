-- Forgets arrivals that were worked off, and those of residents who are gone.
-- ids; open: residents who must be looked at again.
DELETE FROM dispatch_arrival arrival
WHERE id = ANY(%(ids)s)
  AND (resident_id <> ALL(%(open)s::bigint[])
       OR NOT EXISTS (SELECT FROM residents_resident WHERE residents_resident.id = arrival.resident_id))
