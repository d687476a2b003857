-- Git repositories that tasks work on.
CREATE TABLE repositories (
    workspace_id uuid NOT NULL REFERENCES workspaces ON DELETE CASCADE,
    id uuid NOT NULL,
    name text NOT NULL,
    url text NOT NULL,
    default_branch text NOT NULL,
    setup_script text NOT NULL,
    network text NOT NULL CHECK (network IN ('none', 'full')),
    status text NOT NULL CHECK (status IN ('ready', 'empty', 'unreachable')),
    status_detail text NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    version bigint NOT NULL,
    field_versions jsonb NOT NULL DEFAULT '{}',
    PRIMARY KEY (workspace_id, id)
);
CREATE UNIQUE INDEX repositories_name ON repositories (workspace_id, lower(name));
CALL draw_wall('repositories');
GRANT SELECT, INSERT, UPDATE, DELETE ON repositories TO app_tenant;

CREATE FUNCTION row_image(r repositories) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object(
        'id', r.id, 'name', r.name, 'url', r.url, 'default_branch', r.default_branch,
        'setup_script', left(r.setup_script, 1000), 'network', r.network, 'status', r.status,
        'status_detail', r.status_detail, 'created_at', r.created_at, 'updated_at', r.updated_at, 'version', r.version)
        || CASE WHEN length(r.setup_script) > 1000 THEN '{"truncated": true}'::jsonb ELSE '{}'::jsonb END
$$;
CALL feed('repositories', 'repository');
