-- Writes down what the staged rows change of those in force, as differences of a release, and
-- returns op and count. A new STAN_NA alone is no difference.
-- release: id. Index: the unique ones on {key}.
WITH pair AS (
    SELECT held.state_on IS NOT NULL AS was, staged.state_on IS NOT NULL AS is_there,
        concat_ws('/', {key}) AS key,
        to_jsonb(held) - '{{id,closed_on,state_on}}'::text[] AS before,
        to_jsonb(staged) - '{{id,closed_on,state_on}}'::text[] AS after,
        ({held_name}) IS DISTINCT FROM ({staged_name}) AS is_renamed,
        coalesce({held_gmina}, '') AS terc6_before,
        coalesce({staged_gmina}, '') AS terc6
    FROM (SELECT * FROM {table} WHERE closed_on IS NULL) AS held
    FULL JOIN {staged} AS staged USING ({key})
), written AS (
    INSERT INTO teryt_difference (
        release_id, op, key, key_before, terc6, terc6_before, before, after)
    SELECT %(release)s,
        CASE
            WHEN NOT was THEN 'added'
            WHEN NOT is_there THEN 'removed'
            WHEN terc6 <> terc6_before THEN 'moved'
            WHEN is_renamed THEN 'renamed'
            ELSE 'changed'
        END,
        key, '', terc6, terc6_before,
        CASE WHEN was THEN before END,
        CASE WHEN is_there THEN after END
    FROM pair
    WHERE NOT was OR NOT is_there OR before <> after
    RETURNING op
)
SELECT op, count(*) FROM written GROUP BY op
