-- How many residents and devices the repeated message goes to. Follows freeze_write.sql.
SELECT count(DISTINCT resident_id) AS residents, count(*) AS devices FROM endpoint
