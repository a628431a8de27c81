-- How many localities in force have a RODZ under which TERC doesn't have their gmina.
SELECT count(*)
FROM teryt_locality AS locality
WHERE locality.closed_on IS NULL
    AND EXISTS (SELECT FROM teryt_unit AS unit WHERE unit.terc6 = locality.terc6)
    AND NOT EXISTS (
        SELECT FROM teryt_unit AS unit
        WHERE unit.terc = locality.terc6 || locality.rodz AND unit.closed_on IS NULL
    )
