-- What the database is, in one row.
SELECT current_setting('server_version') AS postgresql, postgis_lib_version() AS postgis
