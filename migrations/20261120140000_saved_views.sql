-- Saved views: filters under a name, of one person or of the whole workspace.
CREATE TABLE saved_views (
    workspace_id uuid NOT NULL REFERENCES workspaces ON DELETE CASCADE,
    id uuid NOT NULL,
    entity text NOT NULL CHECK (entity IN ('task')),
    name text NOT NULL,
    filters jsonb NOT NULL,
    shared boolean NOT NULL,
    -- A program has no views of its own: what it makes is shared.
    owner_id uuid REFERENCES users ON DELETE CASCADE,
    position bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    version bigint NOT NULL,
    PRIMARY KEY (workspace_id, id),
    CHECK (shared OR owner_id IS NOT NULL)
);
CREATE INDEX saved_views_in_order ON saved_views (workspace_id, entity, position, id);
CALL draw_wall('saved_views');
GRANT SELECT, INSERT, UPDATE, DELETE ON saved_views TO app_tenant;

-- Everybody in the workspace hears the feed. Of a view that is somebody's own it says whose it is and no more:
-- the owner's page reads it again, and nobody else learns a name or a filter.
CREATE FUNCTION row_image(v saved_views) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN v.shared THEN jsonb_build_object(
        'id', v.id, 'entity', v.entity, 'name', v.name, 'filters', v.filters, 'shared', true, 'owner_id', v.owner_id,
        'position', v.position, 'created_at', v.created_at, 'updated_at', v.updated_at, 'version', v.version)
    ELSE jsonb_build_object('id', v.id, 'shared', false, 'owner_id', v.owner_id, 'version', v.version) END
$$;
CALL feed('saved_views', 'saved_view');
