-- The audit trail: who did what, when, from where. Each entry holds the hash of the one before it, so that a chain
-- per workspace can be checked by whoever reads it. Nobody may change or delete an entry: no role of ours has the
-- right, and a trigger refuses the owner too.
DO $$
BEGIN
    BEGIN
        CREATE ROLE app_audit NOLOGIN NOINHERIT;
    EXCEPTION WHEN duplicate_object OR unique_violation THEN
        NULL;
    END;
    IF NOT pg_has_role(current_user, 'app_audit', 'MEMBER') THEN
        GRANT app_audit TO CURRENT_USER;
    END IF;
END $$;
GRANT USAGE ON SCHEMA public TO app_audit;

-- The workspace is no foreign key: a chain outlives its workspace, whose deletion is its last entry. What belongs to
-- no workspace stands in the chain of the id that is all zero.
CREATE TABLE audit_entries (
    workspace_id uuid NOT NULL,
    number bigint NOT NULL,
    id uuid NOT NULL,
    at timestamptz NOT NULL,
    actor_kind text NOT NULL,
    actor_id uuid,
    -- As it was then: people change their names, and leave.
    actor_name text,
    action text NOT NULL,
    target_kind text,
    target_id uuid,
    address text,
    request_id text,
    result text NOT NULL CHECK (result IN ('ok', 'refused')),
    detail text,
    previous_hash bytea NOT NULL CHECK (octet_length(previous_hash) = 32),
    hash bytea NOT NULL CHECK (octet_length(hash) = 32),
    PRIMARY KEY (workspace_id, number)
);
CREATE INDEX audit_entries_by_action ON audit_entries (workspace_id, action, number DESC);
CREATE INDEX audit_entries_by_actor ON audit_entries (workspace_id, actor_id, number DESC);
CALL draw_wall('audit_entries');
CALL open_wall('audit_entries', 'app_worker');
CALL open_wall('audit_entries', 'app_audit');
GRANT SELECT ON audit_entries TO app_tenant, app_worker;
GRANT SELECT, INSERT ON audit_entries TO app_audit;

-- The last entry of each chain: without it the end of one could be cut off unnoticed.
CREATE TABLE audit_heads (
    workspace_id uuid PRIMARY KEY,
    number bigint NOT NULL,
    hash bytea NOT NULL CHECK (octet_length(hash) = 32)
);
CALL draw_wall('audit_heads');
CALL open_wall('audit_heads', 'app_worker');
CALL open_wall('audit_heads', 'app_audit');
GRANT SELECT ON audit_heads TO app_tenant, app_worker;
GRANT SELECT, INSERT, UPDATE ON audit_heads TO app_audit;

CREATE FUNCTION audit_stands() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'an audit entry is never changed or deleted' USING ERRCODE = 'insufficient_privilege';
END $$;
REVOKE ALL ON FUNCTION audit_stands() FROM PUBLIC;
CREATE TRIGGER audit_stands BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entries
    FOR EACH STATEMENT EXECUTE FUNCTION audit_stands();

-- One field of what is hashed: its length before it, so that no two entries read alike.
CREATE FUNCTION audit_field(value text) RETURNS text LANGUAGE sql IMMUTABLE SET search_path = public, pg_temp AS $$
    SELECT coalesce(octet_length(value)::text || ':' || value, '-')
$$;
REVOKE ALL ON FUNCTION audit_field(text) FROM PUBLIC;

CREATE FUNCTION audit_hash(entry audit_entries) RETURNS bytea LANGUAGE sql IMMUTABLE
SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
    SELECT sha256(entry.previous_hash || convert_to(
        audit_field(entry.workspace_id::text) || audit_field(entry.number::text) || audit_field(entry.id::text)
        || audit_field(to_char(entry.at, 'YYYY-MM-DD"T"HH24:MI:SS.US'))
        || audit_field(entry.actor_kind) || audit_field(entry.actor_id::text) || audit_field(entry.actor_name)
        || audit_field(entry.action) || audit_field(entry.target_kind) || audit_field(entry.target_id::text)
        || audit_field(entry.address) || audit_field(entry.request_id) || audit_field(entry.result)
        || audit_field(entry.detail), 'UTF8'))
$$;
REVOKE ALL ON FUNCTION audit_hash(audit_entries) FROM PUBLIC;

-- Appends an entry to its chain; `number` and the hashes are given here. A workspace's own transaction writes into its
-- own chain alone. The head is locked until the commit: entries of one chain are in the order of their commits.
CREATE FUNCTION append_audit(entry audit_entries) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
DECLARE
    head audit_heads;
BEGIN
    IF coalesce(current_setting('role', true), '') <> 'app_auth'
        AND entry.workspace_id IS DISTINCT FROM nullif(current_setting('app.workspace_id', true), '')::uuid THEN
        RAISE EXCEPTION 'this is the chain of another workspace' USING ERRCODE = 'insufficient_privilege';
    END IF;
    INSERT INTO audit_heads VALUES (entry.workspace_id, 0, sha256(''::bytea)) ON CONFLICT DO NOTHING;
    SELECT * INTO head FROM audit_heads WHERE workspace_id = entry.workspace_id FOR UPDATE;
    entry.number := head.number + 1;
    entry.previous_hash := head.hash;
    entry.hash := audit_hash(entry);
    INSERT INTO audit_entries VALUES (entry.*);
    UPDATE audit_heads SET number = entry.number, hash = entry.hash WHERE workspace_id = entry.workspace_id;
END $$;
GRANT CREATE ON SCHEMA public TO app_audit;
ALTER FUNCTION append_audit(audit_entries) OWNER TO app_audit;
ALTER FUNCTION audit_hash(audit_entries) OWNER TO app_audit;
ALTER FUNCTION audit_field(text) OWNER TO app_audit;
REVOKE CREATE ON SCHEMA public FROM app_audit;
REVOKE ALL ON FUNCTION append_audit(audit_entries) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION append_audit(audit_entries) TO app_tenant, app_auth;
