-- What was published of an execution: the newest tries, in the execution's own row, so that a change of one is a change
-- of the execution.
ALTER TABLE executions ADD COLUMN publications jsonb NOT NULL DEFAULT '[]'
    CHECK (jsonb_typeof(publications) = 'array' AND jsonb_array_length(publications) <= 8);

CREATE OR REPLACE FUNCTION row_image(e executions) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object(
        'id', e.id, 'task_id', e.task_id, 'number', e.number, 'agent', e.agent,
        'agent_session_id', e.agent_session_id, 'model', e.model, 'status', e.status, 'detail', e.detail,
        'outcome', e.outcome, 'exit_code', e.exit_code, 'isolation', e.isolation, 'cost', e.cost,
        'tokens', e.tokens, 'publications', e.publications,
        'created_at', e.created_at, 'started_at', e.started_at, 'completed_at', e.completed_at)
$$;

-- What publishing needs to do later, and no other wants to know: the message of the commit.
CREATE TABLE publication_orders (
    workspace_id uuid NOT NULL,
    id uuid NOT NULL,
    execution_id uuid NOT NULL,
    message text NOT NULL,
    PRIMARY KEY (workspace_id, id),
    FOREIGN KEY (workspace_id, execution_id) REFERENCES executions (workspace_id, id) ON DELETE CASCADE
);
CREATE INDEX publication_orders_execution ON publication_orders (workspace_id, execution_id);
CALL draw_wall('publication_orders');
GRANT SELECT, INSERT, DELETE ON publication_orders TO app_tenant;
