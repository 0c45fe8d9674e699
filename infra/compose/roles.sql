-- Run as the administrator at each start, before the migrations: a password that was made anew takes effect, and the owner
-- needs no right to make roles.
\set owner `cat /run/secrets/administrator/owner-password`
\set ingest `cat /run/secrets/administrator/ingest-password`
\set processor `cat /run/secrets/administrator/processor-password`
\set relay `cat /run/secrets/administrator/relay-password`
\set operator `cat /run/secrets/administrator/operator-password`

select format('create role %I nologin', name)
  from unnest(array['hookline_ingest', 'hookline_processor', 'hookline_relay', 'hookline_operator',
                    'hookline_handlers']) as wanted (name)
 where not exists (select from pg_roles where rolname = name)
\gexec

select format('%s role %I login password %L',
              case when exists (select from pg_roles where rolname = name) then 'alter' else 'create' end, name, password)
  from (values ('hookline_owner', :'owner'), ('hookline_ingest_login', :'ingest'),
               ('hookline_processor_login', :'processor'), ('hookline_relay_login', :'relay'),
               ('hookline_operator_login', :'operator')) as logins (name, password)
\gexec

grant hookline_ingest to hookline_ingest_login;
grant hookline_processor to hookline_processor_login;
grant hookline_handlers to hookline_processor_login with inherit false, set true;
grant hookline_relay to hookline_relay_login;
grant hookline_operator to hookline_operator_login;
alter database hookline owner to hookline_owner;
