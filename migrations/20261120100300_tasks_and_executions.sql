-- Tasks, their executions, what executions say, and the queue they stand in.
CREATE TABLE task_counters (
    workspace_id uuid PRIMARY KEY REFERENCES workspaces ON DELETE CASCADE,
    last_number bigint NOT NULL
);
CALL draw_wall('task_counters');
GRANT SELECT, INSERT, UPDATE ON task_counters TO app_tenant;

CREATE TABLE tasks (
    workspace_id uuid NOT NULL REFERENCES workspaces ON DELETE CASCADE,
    id uuid NOT NULL,
    number bigint NOT NULL,
    title text NOT NULL,
    description text NOT NULL,
    priority text NOT NULL CHECK (priority IN ('low', 'normal', 'high', 'urgent')),
    -- 0 is the most urgent: the order of the queue.
    rank smallint NOT NULL GENERATED ALWAYS AS (
        CASE priority WHEN 'urgent' THEN 0 WHEN 'high' THEN 1 WHEN 'normal' THEN 2 ELSE 3 END) STORED,
    status text NOT NULL CHECK (status IN
        ('draft', 'queued', 'running', 'paused', 'waiting', 'completed', 'failed', 'cancelled')),
    repository_id uuid,
    agent text NOT NULL,
    script text NOT NULL,
    labels text[] NOT NULL,
    assignee_id uuid,
    created_by uuid,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    started_at timestamptz,
    completed_at timestamptz,
    version bigint NOT NULL,
    -- For each field the version that changed it last, to tell a conflict from two edits beside each other.
    field_versions jsonb NOT NULL DEFAULT '{}',
    PRIMARY KEY (workspace_id, id),
    FOREIGN KEY (workspace_id, repository_id) REFERENCES repositories (workspace_id, id)
        ON DELETE SET NULL (repository_id)
);
CREATE UNIQUE INDEX tasks_number ON tasks (workspace_id, number);
CREATE INDEX tasks_created ON tasks (workspace_id, created_at, id);
CREATE INDEX tasks_updated ON tasks (workspace_id, updated_at, id);
CREATE INDEX tasks_status ON tasks (workspace_id, status, created_at);
CREATE INDEX tasks_repository ON tasks (workspace_id, repository_id);
CALL draw_wall('tasks');
GRANT SELECT, INSERT, UPDATE, DELETE ON tasks TO app_tenant;

CREATE FUNCTION row_image(t tasks) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object(
        'id', t.id, 'number', t.number, 'title', t.title, 'description', left(t.description, 1000),
        'priority', t.priority, 'status', t.status, 'repository_id', t.repository_id, 'agent', t.agent,
        'script', left(t.script, 1000), 'labels', t.labels, 'assignee_id', t.assignee_id,
        'created_by', t.created_by, 'created_at', t.created_at, 'updated_at', t.updated_at,
        'started_at', t.started_at, 'completed_at', t.completed_at, 'version', t.version)
        || CASE WHEN length(t.description) > 1000 OR length(t.script) > 1000
                THEN '{"truncated": true}'::jsonb ELSE '{}'::jsonb END
$$;
CALL feed('tasks', 'task');

CREATE TABLE executions (
    workspace_id uuid NOT NULL,
    id uuid NOT NULL,
    task_id uuid NOT NULL,
    number bigint NOT NULL,
    agent text NOT NULL,
    agent_session_id text,
    model text,
    status text NOT NULL CHECK (status IN
        ('queued', 'starting', 'running', 'paused', 'waiting', 'succeeded', 'failed', 'cancelled')),
    detail text NOT NULL,
    outcome jsonb,
    exit_code integer,
    isolation text[] NOT NULL,
    cost jsonb,
    tokens jsonb,
    created_at timestamptz NOT NULL,
    started_at timestamptz,
    completed_at timestamptz,
    PRIMARY KEY (workspace_id, id),
    FOREIGN KEY (workspace_id, task_id) REFERENCES tasks (workspace_id, id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX executions_number ON executions (workspace_id, task_id, number);
CALL draw_wall('executions');
GRANT SELECT, INSERT, UPDATE ON executions TO app_tenant;

CREATE FUNCTION row_image(e executions) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object(
        'id', e.id, 'task_id', e.task_id, 'number', e.number, 'agent', e.agent,
        'agent_session_id', e.agent_session_id, 'model', e.model, 'status', e.status, 'detail', e.detail,
        'outcome', e.outcome, 'exit_code', e.exit_code, 'isolation', e.isolation, 'cost', e.cost,
        'tokens', e.tokens, 'created_at', e.created_at, 'started_at', e.started_at, 'completed_at', e.completed_at)
$$;
CALL feed('executions', 'execution');

-- What an execution said, in the order it said it. High volume: never through `changes`.
CREATE TABLE execution_events (
    workspace_id uuid NOT NULL,
    execution_id uuid NOT NULL,
    seq bigint NOT NULL CHECK (seq > 0),
    at timestamptz NOT NULL,
    body jsonb NOT NULL,
    PRIMARY KEY (workspace_id, execution_id, seq),
    FOREIGN KEY (workspace_id, execution_id) REFERENCES executions (workspace_id, id) ON DELETE CASCADE
);
CALL draw_wall('execution_events');
GRANT SELECT, INSERT ON execution_events TO app_tenant;

-- How far an execution's events are stored, and what it left behind. Apart from `executions`, which is fed:
-- a line of output must not make a change.
CREATE TABLE execution_results (
    workspace_id uuid NOT NULL,
    execution_id uuid NOT NULL,
    -- The last event stored.
    last_seq bigint NOT NULL,
    -- The last record of the supervisor's spool that is in those events.
    spool_seq bigint NOT NULL,
    evidence jsonb NOT NULL,
    diff jsonb,
    PRIMARY KEY (workspace_id, execution_id),
    FOREIGN KEY (workspace_id, execution_id) REFERENCES executions (workspace_id, id) ON DELETE CASCADE
);
CALL draw_wall('execution_results');
GRANT SELECT, INSERT, UPDATE ON execution_results TO app_tenant;

-- The queue: who carries out which execution, until when, and what the people in charge want of it.
CREATE TABLE execution_leases (
    workspace_id uuid NOT NULL,
    execution_id uuid NOT NULL,
    rank smallint NOT NULL,
    queued_at timestamptz NOT NULL,
    desired text NOT NULL CHECK (desired IN ('run', 'pause', 'cancel')),
    started_by uuid,
    owner uuid,
    lease_until timestamptz,
    PRIMARY KEY (workspace_id, execution_id),
    FOREIGN KEY (workspace_id, execution_id) REFERENCES executions (workspace_id, id) ON DELETE CASCADE
);
CREATE INDEX execution_leases_queue ON execution_leases (rank, queued_at, execution_id) WHERE owner IS NULL;
CREATE INDEX execution_leases_owner ON execution_leases (owner, lease_until) WHERE owner IS NOT NULL;
CALL draw_wall('execution_leases');
CALL open_wall('execution_leases', 'app_worker');
GRANT SELECT, INSERT, DELETE, UPDATE (desired, rank) ON execution_leases TO app_tenant;
GRANT SELECT, UPDATE (owner, lease_until) ON execution_leases TO app_worker;
