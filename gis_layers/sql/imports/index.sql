-- Once all rows are in. Temporary tables are not analysed by themselves, and the plans need it.
CREATE UNIQUE INDEX ON import_row (n);
ANALYZE import_row;
