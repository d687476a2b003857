-- Tasks that must be completed before another begins. They stand in the task's own row, so that a change of them is a
-- change of the task; the facade keeps them free of cycles and of tasks that are gone.
ALTER TABLE tasks ADD COLUMN blocked_by uuid[] NOT NULL DEFAULT '{}' CHECK (cardinality(blocked_by) <= 20);
CREATE INDEX tasks_blocked_by ON tasks USING gin (blocked_by) WHERE blocked_by <> '{}';

CREATE OR REPLACE FUNCTION row_image(t tasks) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object(
        'id', t.id, 'number', t.number, 'title', t.title, 'description', left(t.description, 1000),
        'priority', t.priority, 'status', t.status, 'repository_id', t.repository_id, 'agent', t.agent,
        'script', left(t.script, 1000), 'labels', t.labels, 'assignee_id', t.assignee_id,
        'blocked_by', t.blocked_by,
        'created_by', t.created_by, 'created_at', t.created_at, 'updated_at', t.updated_at,
        'started_at', t.started_at, 'completed_at', t.completed_at, 'version', t.version)
        || CASE WHEN length(t.description) > 1000 OR length(t.script) > 1000
                THEN '{"truncated": true}'::jsonb ELSE '{}'::jsonb END
$$;
