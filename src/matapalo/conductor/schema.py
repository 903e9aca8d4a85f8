"""The ledger's tables, and how an older ledger becomes a newer one.

Each migration runs once, in order, by the leader alone; their number is the schema's version.
The triggers are ALWAYS ones: no role's `session_replication_role` passes them by.
"""

MIGRATIONS: tuple[str, ...] = (
    """
    CREATE TABLE matapalo.ledger (
        id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        at     timestamptz NOT NULL DEFAULT clock_timestamp(),
        slice  text NOT NULL,
        who    text NOT NULL,
        why    text NOT NULL,
        kind   text NOT NULL CHECK (kind IN ('move', 'action')),
        move   bigint REFERENCES matapalo.ledger,
        action integer NOT NULL,
        state  text NOT NULL CHECK (state IN ('begun', 'done', 'failed')),
        text   text NOT NULL,
        facts  jsonb NOT NULL,
        CHECK ((move IS NULL) = (kind = 'move' AND state = 'begun'))
    );
    COMMENT ON TABLE matapalo.ledger IS 'Every step of every slice. Entries are only ever added.';
    CREATE INDEX ON matapalo.ledger (slice, id);

    CREATE FUNCTION matapalo.refuse() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'the ledger is append-only: % is refused', TG_OP
            USING ERRCODE = 'insufficient_privilege',
                  HINT = 'Write a new entry instead.';
    END $$;
    CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON matapalo.ledger
        FOR EACH STATEMENT EXECUTE FUNCTION matapalo.refuse();
    ALTER TABLE matapalo.ledger ENABLE ALWAYS TRIGGER append_only;
    """,
    """
    ALTER TABLE matapalo.ledger
        DROP CONSTRAINT ledger_kind_check,
        DROP CONSTRAINT ledger_check,
        DROP CONSTRAINT ledger_state_check,
        ADD CHECK (state IN ('begun', 'done', 'failed', 'resumed')),
        ADD CHECK (kind IN ('move', 'action', 'finding')),
        ADD CHECK ((move IS NULL) = (kind = 'finding' OR kind = 'move' AND state = 'begun'));
    """,
)

FRAME = """
    CREATE SCHEMA IF NOT EXISTS matapalo;
    CREATE TABLE IF NOT EXISTS matapalo.migration (
        version integer PRIMARY KEY,
        at timestamptz NOT NULL DEFAULT clock_timestamp()
    );
"""
"""Where migrations are counted."""
