-- Ends an import's temporary tables.
DROP TABLE IF EXISTS import_row, import_shown, import_match, import_case;
