-- Gives rows `ns` the codes `codes`, pair by pair.
UPDATE import_row r SET code = given.code
FROM unnest(%(ns)s::integer[], %(codes)s::text[]) AS given (n, code)
WHERE r.n = given.n
