-- Gives a gmina its next alert number of a year; whoever asks at the same time waits.
-- gmina; year. Index: alert_number_once.
INSERT INTO dispatch_alertnumber AS number (gmina_id, year, last)
VALUES (%(gmina)s, %(year)s, 1)
ON CONFLICT (gmina_id, year) DO UPDATE SET last = number.last + 1
RETURNING last
