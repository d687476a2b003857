-- People, their sessions, the workspaces, who is a member of which, and the keys of programs.
CREATE TABLE users (
    id uuid PRIMARY KEY,
    email text NOT NULL CHECK (email = lower(email)),
    name text NOT NULL,
    avatar_url text,
    created_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX users_email ON users (email);

CREATE TABLE workspaces (
    id uuid PRIMARY KEY,
    slug text NOT NULL CHECK (slug ~ '^[a-z0-9]([a-z0-9-]{0,46}[a-z0-9])?$'),
    name text NOT NULL,
    created_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX workspaces_slug ON workspaces (slug);

CREATE TABLE memberships (
    workspace_id uuid NOT NULL REFERENCES workspaces ON DELETE CASCADE,
    user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    role text NOT NULL CHECK (role IN ('viewer', 'member', 'admin', 'owner')),
    created_at timestamptz NOT NULL,
    PRIMARY KEY (workspace_id, user_id)
);
CREATE INDEX memberships_of_a_user ON memberships (user_id);
CALL draw_wall('memberships');
CALL open_wall('memberships', 'app_auth');
GRANT SELECT ON memberships TO app_tenant;
GRANT SELECT, INSERT, UPDATE, DELETE ON memberships TO app_auth;

-- Not a tenant's rows; a member sees their own workspace and the people in it.
CALL open_wall('users', 'app_auth');
CREATE POLICY of_the_workspace ON users FOR SELECT TO app_tenant
    USING (id IN (SELECT user_id FROM memberships
                  WHERE workspace_id = (SELECT nullif(current_setting('app.workspace_id', true), '')::uuid)));
GRANT SELECT ON users TO app_tenant;
GRANT SELECT, INSERT, UPDATE, DELETE ON users TO app_auth;
CALL open_wall('workspaces', 'app_auth');
CREATE POLICY of_the_workspace ON workspaces FOR SELECT TO app_tenant
    USING (id = (SELECT nullif(current_setting('app.workspace_id', true), '')::uuid));
GRANT SELECT ON workspaces TO app_tenant;
GRANT SELECT, INSERT, UPDATE, DELETE ON workspaces TO app_auth;

CREATE TABLE sessions (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    token_hash bytea NOT NULL CHECK (octet_length(token_hash) = 32),
    last_workspace uuid REFERENCES workspaces ON DELETE SET NULL,
    user_agent text NOT NULL,
    created_at timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz
);
CREATE UNIQUE INDEX sessions_token ON sessions (token_hash);
CREATE INDEX sessions_of_a_user ON sessions (user_id);
CALL open_wall('sessions', 'app_auth');
GRANT SELECT, INSERT, UPDATE, DELETE ON sessions TO app_auth;

CREATE TABLE sign_in_links (
    token_hash bytea PRIMARY KEY CHECK (octet_length(token_hash) = 32),
    email text NOT NULL,
    target_workspace uuid REFERENCES workspaces ON DELETE CASCADE,
    role text NOT NULL CHECK (role IN ('viewer', 'member', 'admin', 'owner')),
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz
);
CALL open_wall('sign_in_links', 'app_auth');
GRANT SELECT, INSERT, UPDATE, DELETE ON sign_in_links TO app_auth;

CREATE TABLE api_keys (
    workspace_id uuid NOT NULL REFERENCES workspaces ON DELETE CASCADE,
    id uuid NOT NULL,
    name text NOT NULL,
    role text NOT NULL CHECK (role IN ('viewer', 'member', 'admin', 'owner')),
    scopes text[] NOT NULL,
    prefix text NOT NULL,
    key_hash bytea NOT NULL CHECK (octet_length(key_hash) = 32),
    created_by uuid,
    created_at timestamptz NOT NULL,
    expires_at timestamptz,
    last_used_at timestamptz,
    revoked_at timestamptz,
    PRIMARY KEY (workspace_id, id)
);
CREATE INDEX api_keys_hash ON api_keys (key_hash);
CALL draw_wall('api_keys');
CALL open_wall('api_keys', 'app_auth');
-- The digest stays unreadable to the workspace: it has no use there.
GRANT SELECT (workspace_id, id, name, role, scopes, prefix, created_by, created_at, expires_at, last_used_at, revoked_at),
      INSERT, UPDATE (revoked_at) ON api_keys TO app_tenant;
GRANT SELECT, INSERT, UPDATE, DELETE ON api_keys TO app_auth;

-- The answer that was given to a request with an Idempotency-Key, written with the request's own effect.
CREATE TABLE idempotency_keys (
    workspace_id uuid NOT NULL REFERENCES workspaces ON DELETE CASCADE,
    owner uuid NOT NULL,
    key text NOT NULL,
    request_hash bytea NOT NULL,
    status smallint NOT NULL,
    response jsonb NOT NULL,
    seq bigint,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (workspace_id, owner, key)
);
CREATE INDEX idempotency_keys_age ON idempotency_keys (created_at);
CALL draw_wall('idempotency_keys');
CALL open_wall('idempotency_keys', 'app_worker');
GRANT SELECT, INSERT, UPDATE ON idempotency_keys TO app_tenant;
-- A delete with a condition reads the column it asks about.
GRANT SELECT (created_at), DELETE ON idempotency_keys TO app_worker;

-- At the commit: the kept answer learns its place in the feed, which nobody knows before.
CREATE FUNCTION stamp_idempotency() RETURNS void LANGUAGE sql SET search_path = public, pg_temp AS $$
    UPDATE idempotency_keys SET seq = nullif(current_setting('app.seq', true), '')::bigint
    WHERE workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid
      AND owner = nullif(current_setting('app.idempotency_owner', true), '')::uuid
      AND key = current_setting('app.idempotency_key', true)
$$;
REVOKE ALL ON FUNCTION stamp_idempotency() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION stamp_idempotency() TO app_tenant;
