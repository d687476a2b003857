-- What a tenant may do with the queue of background jobs: add to it in its own transaction, stamped with who and where,
-- see what failed, try that again, and hold on to a job it works in. The queue's tables belong to app_worker, which the
-- crate `jobs` migrates under that role after these migrations; no tenant reads or writes them.

-- It writes the queue's rows itself, because `add_job` notifies inside the transaction, which slows every commit down.
-- Workers are woken after the commit.
CREATE FUNCTION enqueue_job(job_name text, arguments jsonb, due timestamptz, attempts_allowed integer, job_key text)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    workspace uuid := nullif(current_setting('app.workspace_id', true), '')::uuid;
    -- Without a key it is null, and never in conflict.
    own_key text := workspace::text || ':' || job_name || ':' || job_key;
    task integer;
BEGIN
    IF workspace IS NULL THEN
        RAISE EXCEPTION 'a job belongs to a workspace' USING ERRCODE = 'insufficient_privilege';
    END IF;
    SELECT t.id INTO task FROM graphile_worker._private_tasks t WHERE t.identifier = job_name;
    IF NOT FOUND THEN
        INSERT INTO graphile_worker._private_tasks (identifier) VALUES (job_name) ON CONFLICT DO NOTHING;
        SELECT t.id INTO STRICT task FROM graphile_worker._private_tasks t WHERE t.identifier = job_name;
    END IF;
    IF own_key IS NOT NULL THEN
        PERFORM pg_advisory_xact_lock(hashtext(own_key));
        PERFORM 1 FROM graphile_worker._private_jobs j WHERE j.key = own_key FOR UPDATE;
        -- One that runs now has read the world before this change, and one that failed stays listed: both keep going
        -- without the key.
        UPDATE graphile_worker._private_jobs j SET key = NULL WHERE j.key = own_key AND NOT j.is_available;
    END IF;
    INSERT INTO graphile_worker._private_jobs AS j (task_id, payload, run_at, max_attempts, key)
    VALUES (task,
            json_build_object('workspace', workspace, 'by', nullif(current_setting('app.user_id', true), ''),
                              'job', arguments),
            coalesce(due, now()), attempts_allowed, own_key)
    ON CONFLICT (key) DO UPDATE SET payload = excluded.payload, run_at = excluded.run_at,
        max_attempts = excluded.max_attempts, attempts = 0, last_error = NULL, revision = j.revision + 1,
        updated_at = now();
END $$;

-- The workspace's jobs that have used up their attempts.
CREATE FUNCTION failed_jobs(most integer)
RETURNS TABLE (id bigint, name text, workspace uuid, by uuid, attempts smallint, error text, at timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    RETURN QUERY
    SELECT j.id, t.identifier, (j.payload->>'workspace')::uuid, (j.payload->>'by')::uuid, j.attempts,
           coalesce(j.last_error, ''), j.updated_at
    FROM graphile_worker._private_jobs j JOIN graphile_worker._private_tasks t ON t.id = j.task_id
    WHERE j.attempts >= j.max_attempts AND j.locked_at IS NULL
      AND j.payload->>'workspace' = nullif(current_setting('app.workspace_id', true), '')
    ORDER BY j.updated_at DESC, j.id DESC LIMIT most;
END $$;

-- Gives a failed job of the workspace all its attempts again.
CREATE FUNCTION retry_job(job bigint) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE graphile_worker._private_jobs j SET attempts = 0, run_at = now(), updated_at = now()
    WHERE j.id = job AND j.attempts >= j.max_attempts AND j.locked_at IS NULL
      AND j.payload->>'workspace' = nullif(current_setting('app.workspace_id', true), '');
    RETURN FOUND;
END $$;

-- Holds a claimed job until the transaction ends, so that nobody takes it over meanwhile. False where it is not held
-- any more: another worker has it, and nothing may be written for it.
CREATE FUNCTION hold_job(job bigint, worker text, since timestamptz) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM 1 FROM graphile_worker._private_jobs j
    WHERE j.id = job AND j.locked_by = worker AND j.locked_at = since
      AND j.payload->>'workspace' = nullif(current_setting('app.workspace_id', true), '') FOR SHARE;
    RETURN FOUND;
END $$;

GRANT CREATE ON SCHEMA public TO app_worker;
ALTER FUNCTION enqueue_job(text, jsonb, timestamptz, integer, text) OWNER TO app_worker;
ALTER FUNCTION failed_jobs(integer) OWNER TO app_worker;
ALTER FUNCTION retry_job(bigint) OWNER TO app_worker;
ALTER FUNCTION hold_job(bigint, text, timestamptz) OWNER TO app_worker;
REVOKE CREATE ON SCHEMA public FROM app_worker;
REVOKE ALL ON FUNCTION enqueue_job(text, jsonb, timestamptz, integer, text), failed_jobs(integer), retry_job(bigint),
    hold_job(bigint, text, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION enqueue_job(text, jsonb, timestamptz, integer, text), failed_jobs(integer), retry_job(bigint),
    hold_job(bigint, text, timestamptz) TO app_tenant;
