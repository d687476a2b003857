-- The queue knows what each execution waits for: its repository's places, tasks that must be completed first, a slot
-- that a more urgent one took. The worker's role sees the queue and nothing else, so what it decides by stands here.
ALTER TABLE repositories
    ADD COLUMN max_running integer CHECK (max_running BETWEEN 1 AND 1000),
    ADD COLUMN branch_template text;

CREATE OR REPLACE FUNCTION row_image(r repositories) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object(
        'id', r.id, 'name', r.name, 'url', r.url, 'default_branch', r.default_branch,
        'setup_script', left(r.setup_script, 1000), 'network', r.network, 'status', r.status,
        'status_detail', r.status_detail, 'max_running', r.max_running, 'branch_template', r.branch_template,
        'created_at', r.created_at, 'updated_at', r.updated_at, 'version', r.version)
        || CASE WHEN length(r.setup_script) > 1000 THEN '{"truncated": true}'::jsonb ELSE '{}'::jsonb END
$$;

ALTER TABLE execution_leases
    ADD COLUMN repository_id uuid,
    -- How many executions of the repository may run at once; null: as many as there are slots.
    ADD COLUMN repository_limit integer,
    -- A task that must be completed first is not.
    ADD COLUMN blocked boolean NOT NULL DEFAULT false,
    -- The workspace lets a more urgent execution pause this one.
    ADD COLUMN preemptible boolean NOT NULL DEFAULT false,
    -- A more urgent one paused it, and it goes on by itself when there is room.
    ADD COLUMN preempted boolean NOT NULL DEFAULT false,
    -- When a worker had a slot for it and not the memory.
    ADD COLUMN short_of_memory_at timestamptz;
GRANT UPDATE (repository_id, repository_limit, blocked, preemptible, preempted) ON execution_leases TO app_tenant;
GRANT UPDATE (desired, preempted, short_of_memory_at) ON execution_leases TO app_worker;
UPDATE execution_leases l SET repository_id = t.repository_id
FROM executions e JOIN tasks t ON t.workspace_id = e.workspace_id AND t.id = e.task_id
WHERE e.workspace_id = l.workspace_id AND e.id = l.execution_id;

-- Which command runs now: of a million events the few that begin one.
CREATE INDEX execution_events_commands ON execution_events (workspace_id, execution_id, seq)
    WHERE body->>'kind' = 'tool';
