-- After a change set was written: the checks and counts that follow are planned by its size.
ANALYZE gis_layers_featurechange
