-- From where a session was opened, for the list of a person's own sessions.
ALTER TABLE sessions ADD COLUMN address text;
