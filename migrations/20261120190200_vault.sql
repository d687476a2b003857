-- What is kept sealed. A data key per workspace, wrapped by a master key that is not in the database, seals its
-- secrets; deleting the workspace deletes its data keys, and with them all that they sealed in any backup.
CREATE TABLE data_keys (
    workspace_id uuid NOT NULL REFERENCES workspaces ON DELETE CASCADE,
    id uuid NOT NULL,
    -- The name of the master key that wraps it, which is made from that key.
    master_key text NOT NULL,
    wrapped bytea NOT NULL,
    created_at timestamptz NOT NULL,
    rewrapped_at timestamptz,
    -- Why it could not be opened when somebody last tried.
    unopened text CHECK (unopened IN ('unknown_key', 'damaged')),
    PRIMARY KEY (workspace_id, id)
);
-- One is in use; two transactions that need the first one at once agree on it here.
CREATE UNIQUE INDEX data_keys_one ON data_keys (workspace_id);
CREATE INDEX data_keys_by_master ON data_keys (master_key, workspace_id, id);
CALL draw_wall('data_keys');
CALL open_wall('data_keys', 'app_worker');
GRANT SELECT, INSERT, UPDATE (unopened) ON data_keys TO app_tenant;
-- Master keys are changed for all workspaces at once.
GRANT SELECT, UPDATE (master_key, wrapped, rewrapped_at, unopened) ON data_keys TO app_worker;

CREATE TABLE secrets (
    workspace_id uuid NOT NULL REFERENCES workspaces ON DELETE CASCADE,
    id uuid NOT NULL,
    -- What it is for; nothing of the secret itself.
    name text NOT NULL,
    data_key_id uuid NOT NULL,
    sealed bytea NOT NULL,
    -- Why it could not be opened when it was last needed; it stays, and can be replaced.
    unopened text CHECK (unopened IN ('unknown_key', 'damaged')),
    created_by uuid,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    last_used_at timestamptz,
    version bigint NOT NULL,
    PRIMARY KEY (workspace_id, id),
    FOREIGN KEY (workspace_id, data_key_id) REFERENCES data_keys (workspace_id, id)
);
CALL draw_wall('secrets');
GRANT SELECT, INSERT, UPDATE, DELETE ON secrets TO app_tenant;
