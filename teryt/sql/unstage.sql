-- Takes one row out of the staging table.
DELETE FROM {staged} WHERE ({key}) = ({key_values})
