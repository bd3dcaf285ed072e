-- Two roles and the database. Run once, as a superuser:
--   psql --set owner=PASSWORD --set application=PASSWORD --file roles.sql
-- `portal_owner` owns the schema and alone migrates. `portal` serves: it owns nothing.
\set ON_ERROR_STOP on
SELECT 'CREATE ROLE portal_owner' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'portal_owner') \gexec
SELECT 'CREATE ROLE portal' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'portal') \gexec
ALTER ROLE portal_owner LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD :'owner';
ALTER ROLE portal LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD :'application';
SELECT 'CREATE DATABASE portal OWNER portal_owner'
    WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'portal') \gexec
REVOKE ALL ON DATABASE portal FROM PUBLIC;
GRANT CONNECT ON DATABASE portal TO portal;
\connect portal
ALTER SCHEMA public OWNER TO portal_owner;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO portal;
-- Rights on the tables are granted by `portal migrate`, and those on the journal taken back there.
