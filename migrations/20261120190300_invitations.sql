-- Ways into a workspace, each for one person and to be used once.
CREATE TABLE invitations (
    workspace_id uuid NOT NULL REFERENCES workspaces ON DELETE CASCADE,
    id uuid NOT NULL,
    token_hash bytea NOT NULL CHECK (octet_length(token_hash) = 32),
    -- Only who has this address can use it.
    email text NOT NULL CHECK (email = lower(email)),
    role text NOT NULL CHECK (role IN ('viewer', 'member', 'admin', 'owner')),
    created_by uuid,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    accepted_by uuid,
    accepted_at timestamptz,
    revoked_at timestamptz,
    PRIMARY KEY (workspace_id, id)
);
CREATE INDEX invitations_token ON invitations (token_hash);
CALL draw_wall('invitations');
CALL open_wall('invitations', 'app_auth');
-- The digest stays unreadable to the workspace: it has no use there.
GRANT SELECT (workspace_id, id, email, role, created_by, created_at, expires_at, accepted_by, accepted_at, revoked_at),
      INSERT, UPDATE (revoked_at) ON invitations TO app_tenant;
GRANT SELECT, INSERT, UPDATE, DELETE ON invitations TO app_auth;
