-- How a workspace works: what its administrators choose. A workspace without a row has the defaults.
CREATE TABLE workspace_settings (
    workspace_id uuid PRIMARY KEY REFERENCES workspaces ON DELETE CASCADE,
    -- A more urgent task may pause one that runs.
    preempt boolean NOT NULL,
    -- The branches that results are published on.
    branch_template text NOT NULL,
    author_name text NOT NULL,
    author_email text NOT NULL,
    updated_at timestamptz NOT NULL,
    version bigint NOT NULL,
    field_versions jsonb NOT NULL DEFAULT '{}'
);
CALL draw_wall('workspace_settings');
GRANT SELECT, INSERT, UPDATE ON workspace_settings TO app_tenant;
