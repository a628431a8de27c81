-- Notes the residents of places that changed. places: their ids.
INSERT INTO dispatch_arrival (resident_id, noted_at)
SELECT DISTINCT resident_id, now() FROM residents_place WHERE id = ANY(%(places)s)
