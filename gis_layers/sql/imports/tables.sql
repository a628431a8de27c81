-- The temporary tables of one import. Their rows:
-- import_row: a feature as the edition should show it; geom (EPSG:2180) null: left out, keep what
--   is. n: its row in the file; doubt: why an address has no street; digest: equal shapes have the
--   same, whether single or a collection of one.
-- import_shown: what the layer shows now. import_match: which of the two are the same feature.
-- import_case: what was found (notes.py).
DROP TABLE IF EXISTS import_row, import_shown, import_match, import_case;
CREATE TEMP TABLE import_row (
    n integer NOT NULL,
    place text NOT NULL,
    name text NOT NULL,
    code text NOT NULL,
    simc text NOT NULL,
    search_name text NOT NULL,
    attrs jsonb NOT NULL,
    said_fid bigint,
    doubt text NOT NULL,
    geom geometry(Geometry, 2180),
    digest uuid GENERATED ALWAYS AS (md5(ST_AsBinary(ST_Multi(geom)))::uuid) STORED
);
CREATE TEMP TABLE import_shown (
    fid bigint PRIMARY KEY,
    name text NOT NULL,
    code text NOT NULL,
    simc text NOT NULL,
    attrs jsonb NOT NULL,
    digest uuid NOT NULL
);
CREATE TEMP TABLE import_match (n integer PRIMARY KEY, fid bigint UNIQUE NOT NULL);
CREATE TEMP TABLE import_case (
    id bigint GENERATED ALWAYS AS IDENTITY,
    code text NOT NULL,
    place text NOT NULL,
    "row" integer,
    details jsonb NOT NULL DEFAULT '{}',
    geom geometry(Geometry, 2180),
    before geometry(Geometry, 2180),
    after geometry(Geometry, 2180)
);
