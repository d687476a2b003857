-- What agents ask people, and what people say to agents. Both are rows: whoever carries the execution out reads them,
-- on whichever machine, and says when the agent was told.
CREATE TABLE asks (
    workspace_id uuid NOT NULL,
    id uuid NOT NULL,
    task_id uuid NOT NULL,
    execution_id uuid NOT NULL,
    -- 1, 2, 3 … of the execution, by its supervisor.
    number bigint NOT NULL CHECK (number > 0),
    kind text NOT NULL CHECK (kind IN ('approval', 'question')),
    title text NOT NULL,
    detail text NOT NULL,
    risk text CHECK (risk IN ('low', 'medium', 'high')),
    can_remember boolean NOT NULL,
    choices text[] NOT NULL,
    free_text boolean NOT NULL,
    state text NOT NULL CHECK (state IN ('open', 'resolved', 'expired', 'withdrawn')),
    decision text CHECK (decision IN ('allow', 'allow_always', 'deny')),
    answer text,
    asked_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    resolved_at timestamptz,
    resolved_by uuid,
    delivered_at timestamptz,
    PRIMARY KEY (workspace_id, id),
    FOREIGN KEY (workspace_id, task_id) REFERENCES tasks (workspace_id, id) ON DELETE CASCADE,
    FOREIGN KEY (workspace_id, execution_id) REFERENCES executions (workspace_id, id) ON DELETE CASCADE,
    CHECK ((state = 'open') = (resolved_at IS NULL))
);
CREATE UNIQUE INDEX asks_number ON asks (workspace_id, execution_id, number);
CREATE INDEX asks_task ON asks (workspace_id, task_id, asked_at, id);
CALL draw_wall('asks');
GRANT SELECT, INSERT, UPDATE (state, decision, answer, resolved_at, resolved_by, delivered_at) ON asks TO app_tenant;

-- Texts and choices are bounded, so that a row stays small as it is.
CREATE FUNCTION row_image(a asks) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object(
        'id', a.id, 'task_id', a.task_id, 'execution_id', a.execution_id, 'number', a.number, 'kind', a.kind,
        'title', a.title, 'detail', a.detail, 'risk', a.risk, 'can_remember', a.can_remember,
        'choices', a.choices, 'free_text', a.free_text, 'state', a.state, 'decision', a.decision,
        'answer', a.answer, 'asked_at', a.asked_at, 'expires_at', a.expires_at, 'resolved_at', a.resolved_at,
        'resolved_by', a.resolved_by, 'delivered_at', a.delivered_at)
$$;
CALL feed('asks', 'ask');

-- Too long for the feed: once the agent has one, it is an event of the execution.
CREATE TABLE execution_messages (
    workspace_id uuid NOT NULL,
    execution_id uuid NOT NULL,
    number bigint NOT NULL CHECK (number > 0),
    text text NOT NULL,
    created_by uuid,
    created_at timestamptz NOT NULL,
    delivered_at timestamptz,
    PRIMARY KEY (workspace_id, execution_id, number),
    FOREIGN KEY (workspace_id, execution_id) REFERENCES executions (workspace_id, id) ON DELETE CASCADE
);
CALL draw_wall('execution_messages');
GRANT SELECT, INSERT, UPDATE (delivered_at) ON execution_messages TO app_tenant;

ALTER TABLE execution_leases
    -- It waits for people, and holds no slot.
    ADD COLUMN waiting boolean NOT NULL DEFAULT false,
    -- It was answered, or resumed by hand, and goes on once there is a slot.
    ADD COLUMN resuming boolean NOT NULL DEFAULT false,
    -- Counts what people have said to it, so that its worker looks for more.
    ADD COLUMN inbox bigint NOT NULL DEFAULT 0;
GRANT UPDATE (waiting, resuming, inbox) ON execution_leases TO app_tenant;
GRANT UPDATE (waiting, resuming) ON execution_leases TO app_worker;
