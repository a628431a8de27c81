-- Removes residents made by a simulation, and all that is theirs; returns nothing.
-- first, last: the range of public ids that residents.simulated.id_range gives for one gmina.
-- Foreign keys are checked at the end of the transaction, so the order doesn't matter.
-- Index: residents_resident.public_id, and resident_id of each table.
WITH gone AS (
    DELETE FROM residents_resident
    WHERE public_id BETWEEN %(first)s AND %(last)s
    RETURNING id
),
places AS (DELETE FROM residents_place WHERE resident_id IN (SELECT id FROM gone)),
devices AS (DELETE FROM residents_device WHERE resident_id IN (SELECT id FROM gone)),
codes AS (DELETE FROM residents_joincode WHERE resident_id IN (SELECT id FROM gone))
DELETE FROM residents_mute WHERE resident_id IN (SELECT id FROM gone)
