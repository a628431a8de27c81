-- Temporary tables are not analysed by themselves, and the plans of the matching need it.
ANALYZE import_shown;
