-- Where the lines of an execution's log stand among its events, so that any line is found without reading what is
-- before it. It follows from the events alone: what is missing here is made again when the log is read.
CREATE TABLE execution_logs (
    workspace_id uuid NOT NULL,
    execution_id uuid NOT NULL,
    -- How the log stands after the last event that was read for it.
    scan jsonb NOT NULL,
    -- Text since the last mark, in bytes, and the lines before that mark.
    unmarked bigint NOT NULL,
    marked bigint NOT NULL,
    PRIMARY KEY (workspace_id, execution_id),
    FOREIGN KEY (workspace_id, execution_id) REFERENCES executions (workspace_id, id) ON DELETE CASCADE
);
CALL draw_wall('execution_logs');
GRANT SELECT, INSERT, UPDATE ON execution_logs TO app_tenant;

-- How the log stood after an event: one for every few hundred lines, and for each begin and end of a command.
CREATE TABLE execution_log_marks (
    workspace_id uuid NOT NULL,
    execution_id uuid NOT NULL,
    seq bigint NOT NULL,
    line bigint NOT NULL,
    scan jsonb NOT NULL,
    command jsonb,
    PRIMARY KEY (workspace_id, execution_id, seq),
    FOREIGN KEY (workspace_id, execution_id) REFERENCES executions (workspace_id, id) ON DELETE CASCADE
);
CREATE INDEX execution_log_marks_line ON execution_log_marks (workspace_id, execution_id, line, seq);
CREATE INDEX execution_log_marks_command ON execution_log_marks (workspace_id, execution_id, seq) WHERE command IS NOT NULL;
CALL draw_wall('execution_log_marks');
GRANT SELECT, INSERT ON execution_log_marks TO app_tenant;
