-- Who did what with a task, and when: kept for whoever comes later. Not fed: it is read where it is looked at, and follows
-- from changes that are.
CREATE TABLE activities (
    workspace_id uuid NOT NULL,
    id uuid NOT NULL,
    task_id uuid NOT NULL,
    at timestamptz NOT NULL,
    kind text NOT NULL,
    -- What exactly, in words of the machine: names of fields, a status, a branch.
    detail text NOT NULL,
    by_user uuid,
    PRIMARY KEY (workspace_id, id),
    FOREIGN KEY (workspace_id, task_id) REFERENCES tasks (workspace_id, id) ON DELETE CASCADE
);
CREATE INDEX activities_task ON activities (workspace_id, task_id, at, id);
CALL draw_wall('activities');
GRANT SELECT, INSERT ON activities TO app_tenant;

-- What there was before is known by its task alone.
INSERT INTO activities (workspace_id, id, task_id, at, kind, detail, by_user)
SELECT workspace_id, gen_random_uuid(), id, created_at, 'created', '', created_by FROM tasks;
