-- The roles behind the doors, the walls around a workspace's rows, and the change feed.
-- Roles belong to the whole cluster: another database of it may have made them already, also at this very moment.
DO $$
DECLARE
    wanted text;
BEGIN
    FOREACH wanted IN ARRAY ARRAY['app_tenant', 'app_auth', 'app_worker', 'app_feed'] LOOP
        BEGIN
            EXECUTE format('CREATE ROLE %I NOLOGIN NOINHERIT', wanted);
        EXCEPTION WHEN duplicate_object OR unique_violation THEN
            NULL;
        END;
        -- An owner who is no superuser can hand objects only to roles it belongs to.
        IF NOT pg_has_role(current_user, wanted, 'MEMBER') THEN
            EXECUTE format('GRANT %I TO CURRENT_USER', wanted);
        END IF;
    END LOOP;
END $$;

REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO app_tenant, app_auth, app_worker, app_feed;

-- The queue of background jobs lives in a schema of its own, which the crate `jobs` migrates under this role.
CREATE SCHEMA graphile_worker AUTHORIZATION app_worker;
GRANT USAGE ON SCHEMA graphile_worker TO app_tenant;

-- Draws the wall around a table whose rows belong to a workspace by their column `workspace_id`.
CREATE PROCEDURE draw_wall(walled regclass) LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', walled);
    EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', walled);
    EXECUTE format(
        'CREATE POLICY of_the_workspace ON %s TO app_tenant
         USING (workspace_id = (SELECT nullif(current_setting(''app.workspace_id'', true), '''')::uuid))
         WITH CHECK (workspace_id = (SELECT nullif(current_setting(''app.workspace_id'', true), '''')::uuid))',
        walled);
END $$;

-- Lets one role see every row of a walled table. Its grants say what it may do with them.
CREATE PROCEDURE open_wall(walled regclass, role_name name) LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', walled);
    EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', walled);
    EXECUTE format('CREATE POLICY %I ON %s TO %I USING (true) WITH CHECK (true)', 'of_' || role_name, walled, role_name);
END $$;

-- One life of the feed. A restore writes another word here, so that every client starts over.
CREATE TABLE feed_epoch (
    only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one),
    epoch text NOT NULL
);
INSERT INTO feed_epoch (epoch) VALUES (replace(gen_random_uuid()::text, '-', ''));
CALL open_wall('feed_epoch', 'app_tenant');
CALL open_wall('feed_epoch', 'app_worker');
GRANT SELECT ON feed_epoch TO app_tenant, app_worker;

CREATE TABLE feed_counters (
    workspace_id uuid PRIMARY KEY,
    seq bigint NOT NULL
);
CALL draw_wall('feed_counters');
CALL open_wall('feed_counters', 'app_worker');
CALL open_wall('feed_counters', 'app_feed');
GRANT SELECT ON feed_counters TO app_tenant, app_worker;
GRANT SELECT, INSERT, UPDATE ON feed_counters TO app_feed;

CREATE TABLE changes (
    workspace_id uuid NOT NULL,
    seq bigint NOT NULL,
    entity text NOT NULL,
    id uuid NOT NULL,
    op text NOT NULL,
    row jsonb NOT NULL,
    by uuid,
    at timestamptz NOT NULL,
    PRIMARY KEY (workspace_id, seq)
);
CREATE INDEX changes_by_age ON changes USING brin (at);
CALL draw_wall('changes');
CALL open_wall('changes', 'app_worker');
CALL open_wall('changes', 'app_feed');
GRANT SELECT ON changes TO app_tenant;
GRANT SELECT, DELETE ON changes TO app_worker;
GRANT SELECT, INSERT ON changes TO app_feed;

-- What a transaction has changed and not committed. Unlogged: after a crash nothing of it is wanted.
CREATE UNLOGGED TABLE feed_pending (
    txid xid8 NOT NULL,
    ordinal bigint GENERATED ALWAYS AS IDENTITY,
    workspace_id uuid NOT NULL,
    entity text NOT NULL,
    id uuid NOT NULL,
    op text NOT NULL,
    row jsonb NOT NULL
);
CREATE INDEX feed_pending_txid ON feed_pending (txid);
CALL open_wall('feed_pending', 'app_feed');
GRANT SELECT, INSERT, DELETE ON feed_pending TO app_feed;

CREATE UNLOGGED TABLE feed_marks (
    txid xid8 NOT NULL,
    workspace_id uuid NOT NULL,
    PRIMARY KEY (workspace_id, txid)
);
CREATE INDEX feed_marks_txid ON feed_marks (txid);
CALL open_wall('feed_marks', 'app_feed');
GRANT SELECT, INSERT, DELETE ON feed_marks TO app_feed;

-- Numbers all that the transaction changed, at its commit: without gaps, in the order of commits. Workspaces are
-- locked in one order, and this is the last lock that a transaction takes, so that two can't wait for each other.
CREATE FUNCTION feed_flush() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
DECLARE
    this xid8 := pg_current_xact_id();
    home uuid := nullif(current_setting('app.workspace_id', true), '')::uuid;
    last bigint;
BEGIN
    WITH numbered AS (
        INSERT INTO feed_counters AS counter (workspace_id, seq)
        SELECT workspace_id, count(*) FROM feed_pending WHERE txid = this GROUP BY workspace_id ORDER BY workspace_id
        ON CONFLICT (workspace_id) DO UPDATE SET seq = counter.seq + excluded.seq
        RETURNING workspace_id, seq
    ), placed AS (
        SELECT p.*, row_number() OVER (PARTITION BY workspace_id ORDER BY ordinal) AS place,
               count(*) OVER (PARTITION BY workspace_id) AS total
        FROM feed_pending p WHERE txid = this
    ), moved AS (
        INSERT INTO changes (workspace_id, seq, entity, id, op, row, by, at)
        SELECT p.workspace_id, n.seq - p.total + p.place, p.entity, p.id, p.op, p.row,
               nullif(current_setting('app.user_id', true), '')::uuid, now()
        FROM placed p JOIN numbered n ON n.workspace_id = p.workspace_id
        ORDER BY p.workspace_id, p.place
        RETURNING workspace_id, seq
    )
    SELECT max(seq) INTO last FROM moved WHERE home IS NULL OR workspace_id = home;
    -- A transaction over several workspaces has several marks; the first one's flush took everything.
    IF last IS NOT NULL THEN
        PERFORM set_config('app.seq', last::text, true);
    END IF;
    DELETE FROM feed_pending WHERE txid = this;
    DELETE FROM feed_marks WHERE txid = this;
    RETURN NULL;
END $$;
-- PostgreSQL asks CREATE of a function's new owner; it has it for this moment alone.
GRANT CREATE ON SCHEMA public TO app_feed;
ALTER FUNCTION feed_flush() OWNER TO app_feed;
REVOKE CREATE ON SCHEMA public FROM app_feed;
REVOKE ALL ON FUNCTION feed_flush() FROM PUBLIC;

CREATE CONSTRAINT TRIGGER feed_flush AFTER INSERT ON feed_marks
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION feed_flush();

-- Feeds a table: every committed change of a row, whoever makes it, becomes a change of `entity`.
-- The table has the columns workspace_id and id, and a function row_image(table) that makes the wire form.
CREATE PROCEDURE feed(fed regclass, entity text) LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    collector text := 'feed_collect_' || fed::text;
    mark text := 'INSERT INTO feed_marks (txid, workspace_id)
                  SELECT DISTINCT pg_current_xact_id(), workspace_id FROM fed ON CONFLICT DO NOTHING';
    columns text := 'INSERT INTO feed_pending (txid, workspace_id, entity, id, op, row)';
BEGIN
    EXECUTE format($make$
        CREATE FUNCTION %1$I() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
        SET search_path = public, pg_temp SET timezone = 'UTC' AS $body$
        BEGIN
            IF tg_op = 'INSERT' THEN
                WITH fed AS (%2$s
                    SELECT pg_current_xact_id(), n.workspace_id, %3$L, n.id, 'insert', row_image(n::%4$s)
                    FROM new_rows n RETURNING workspace_id) %5$s;
            ELSIF tg_op = 'DELETE' THEN
                WITH fed AS (%2$s
                    SELECT pg_current_xact_id(), o.workspace_id, %3$L, o.id, 'delete', row_image(o::%4$s)
                    FROM old_rows o RETURNING workspace_id) %5$s;
            ELSE
                WITH fed AS (%2$s
                    SELECT pg_current_xact_id(), n.workspace_id, %3$L, n.id, 'update', row_image(n::%4$s)
                    FROM new_rows n JOIN old_rows o ON o.workspace_id = n.workspace_id AND o.id = n.id
                    WHERE row_image(n::%4$s) IS DISTINCT FROM row_image(o::%4$s) RETURNING workspace_id) %5$s;
            END IF;
            RETURN NULL;
        END $body$ $make$, collector, columns, entity, fed, mark);
    GRANT CREATE ON SCHEMA public TO app_feed;
    EXECUTE format('ALTER FUNCTION %I() OWNER TO app_feed', collector);
    REVOKE CREATE ON SCHEMA public FROM app_feed;
    EXECUTE format('REVOKE ALL ON FUNCTION %I() FROM PUBLIC', collector);
    EXECUTE format('CREATE TRIGGER feed_insert AFTER INSERT ON %s REFERENCING NEW TABLE AS new_rows
                    FOR EACH STATEMENT EXECUTE FUNCTION %I()', fed, collector);
    EXECUTE format('CREATE TRIGGER feed_update AFTER UPDATE ON %s REFERENCING NEW TABLE AS new_rows OLD TABLE AS old_rows
                    FOR EACH STATEMENT EXECUTE FUNCTION %I()', fed, collector);
    EXECUTE format('CREATE TRIGGER feed_delete AFTER DELETE ON %s REFERENCING OLD TABLE AS old_rows
                    FOR EACH STATEMENT EXECUTE FUNCTION %I()', fed, collector);
END $$;
