-- Templates of tasks.
CREATE TABLE task_templates (
    workspace_id uuid NOT NULL REFERENCES workspaces ON DELETE CASCADE,
    id uuid NOT NULL,
    name text NOT NULL,
    title text NOT NULL,
    description text NOT NULL,
    script text NOT NULL,
    agent text NOT NULL,
    repository_id uuid,
    labels text[] NOT NULL,
    priority text NOT NULL CHECK (priority IN ('low', 'normal', 'high', 'urgent')),
    created_by uuid,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    version bigint NOT NULL,
    field_versions jsonb NOT NULL DEFAULT '{}',
    PRIMARY KEY (workspace_id, id),
    FOREIGN KEY (workspace_id, repository_id) REFERENCES repositories (workspace_id, id)
        ON DELETE SET NULL (repository_id)
);
CREATE UNIQUE INDEX task_templates_name ON task_templates (workspace_id, lower(name));
CREATE INDEX task_templates_repository ON task_templates (workspace_id, repository_id);
CALL draw_wall('task_templates');
GRANT SELECT, INSERT, UPDATE, DELETE ON task_templates TO app_tenant;

-- Schedules that make tasks from them. When one is due stands in the queue of jobs too; this row says which of these
-- is meant.
CREATE TABLE task_schedules (
    workspace_id uuid NOT NULL REFERENCES workspaces ON DELETE CASCADE,
    id uuid NOT NULL,
    name text NOT NULL,
    template_id uuid NOT NULL,
    cron text NOT NULL,
    time_zone text NOT NULL,
    enabled boolean NOT NULL,
    start boolean NOT NULL,
    next_run_at timestamptz,
    last_run_at timestamptz,
    last_task_id uuid,
    last_problem text NOT NULL,
    created_by uuid,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    version bigint NOT NULL,
    field_versions jsonb NOT NULL DEFAULT '{}',
    PRIMARY KEY (workspace_id, id),
    FOREIGN KEY (workspace_id, template_id) REFERENCES task_templates (workspace_id, id),
    FOREIGN KEY (workspace_id, last_task_id) REFERENCES tasks (workspace_id, id) ON DELETE SET NULL (last_task_id)
);
CREATE UNIQUE INDEX task_schedules_name ON task_schedules (workspace_id, lower(name));
CREATE INDEX task_schedules_template ON task_schedules (workspace_id, template_id);
CREATE INDEX task_schedules_task ON task_schedules (workspace_id, last_task_id);
CALL draw_wall('task_schedules');
GRANT SELECT, INSERT, UPDATE, DELETE ON task_schedules TO app_tenant;
