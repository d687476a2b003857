-- The one way for a tenant to enqueue a background job: in its own transaction, stamped with who and where.
-- The queue's tables belong to app_worker, and no tenant can write them.
CREATE FUNCTION enqueue_job(identifier text, payload jsonb, run_at timestamptz, max_attempts integer, job_key text)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    workspace uuid := nullif(current_setting('app.workspace_id', true), '')::uuid;
BEGIN
    IF workspace IS NULL THEN
        RAISE EXCEPTION 'a job belongs to a workspace' USING ERRCODE = 'insufficient_privilege';
    END IF;
    PERFORM graphile_worker.add_job(
        identifier,
        json_build_object('workspace', workspace, 'by', nullif(current_setting('app.user_id', true), ''), 'job', payload),
        NULL, run_at, max_attempts,
        CASE WHEN job_key IS NULL THEN NULL ELSE workspace::text || ':' || identifier || ':' || job_key END);
END $$;
GRANT CREATE ON SCHEMA public TO app_worker;
ALTER FUNCTION enqueue_job(text, jsonb, timestamptz, integer, text) OWNER TO app_worker;
REVOKE CREATE ON SCHEMA public FROM app_worker;
REVOKE ALL ON FUNCTION enqueue_job(text, jsonb, timestamptz, integer, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION enqueue_job(text, jsonb, timestamptz, integer, text) TO app_tenant;
