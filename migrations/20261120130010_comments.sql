-- What people say about a task, or about a line of what one of its executions changed.
CREATE TABLE comments (
    workspace_id uuid NOT NULL,
    id uuid NOT NULL,
    task_id uuid NOT NULL,
    text text NOT NULL,
    path text,
    line bigint CHECK (line > 0),
    side text CHECK (side IN ('old', 'new')),
    execution_id uuid,
    created_by uuid,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (workspace_id, id),
    FOREIGN KEY (workspace_id, task_id) REFERENCES tasks (workspace_id, id) ON DELETE CASCADE,
    FOREIGN KEY (workspace_id, execution_id) REFERENCES executions (workspace_id, id) ON DELETE CASCADE
);
CREATE INDEX comments_task ON comments (workspace_id, task_id, created_at, id);
CREATE INDEX comments_execution ON comments (workspace_id, execution_id);
CALL draw_wall('comments');
GRANT SELECT, INSERT, DELETE ON comments TO app_tenant;

-- Texts and paths are bounded, so that a row stays small as it is.
CREATE FUNCTION row_image(c comments) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object(
        'id', c.id, 'task_id', c.task_id, 'text', c.text, 'path', c.path, 'line', c.line, 'side', c.side,
        'execution', c.execution_id, 'created_by', c.created_by, 'created_at', c.created_at)
$$;
CALL feed('comments', 'comment');
