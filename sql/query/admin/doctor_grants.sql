-- SPDX-License-Identifier: Apache-2.0
-- What a role lacks, or has and should not have. Rights that come through PUBLIC or a membership count.
-- params: none
-- returns: fault text
-- rows: many
WITH roles (role) AS (
	VALUES ('pratu_web'), ('pratu_vault'), ('pratu_courier'), ('pratu_admin')
), wanted (role, object, privileges) AS (
	VALUES ('pratu_web', 'idp.client', 'SELECT'), ('pratu_web', 'idp.citizen', 'SELECT'),
	('pratu_web', 'idp.session', 'SELECT INSERT UPDATE'),
	('pratu_web', 'idp.authz_grant', 'SELECT INSERT'),
	('pratu_web', 'idp.code', 'SELECT INSERT UPDATE'),
	('pratu_web', 'idp.refresh_token', 'SELECT INSERT UPDATE'),
	('pratu_web', 'idp.assertion', 'SELECT INSERT'),
	('pratu_web', 'idp.consent', 'SELECT INSERT UPDATE'), ('pratu_web', 'record.event', 'INSERT'),
	('pratu_vault', 'idp.citizen', 'SELECT'), ('pratu_vault', 'idp.client', 'SELECT'),
	('pratu_vault', 'vault.identifier', 'SELECT'), ('pratu_vault', 'vault.national_id', 'SELECT'),
	('pratu_vault', 'vault.password', 'SELECT UPDATE'), ('pratu_vault', 'vault.factor', 'SELECT UPDATE'),
	('pratu_vault', 'vault.factor_failure', 'SELECT INSERT UPDATE'),
	('pratu_vault', 'vault.throttle', 'SELECT INSERT UPDATE'),
	('pratu_vault', 'vault.device', 'SELECT INSERT UPDATE'), ('pratu_vault', 'vault.subject', 'SELECT INSERT'),
	('pratu_vault', 'vault.signing_key', 'SELECT INSERT UPDATE'), ('pratu_vault', 'vault.publisher', 'SELECT INSERT UPDATE'),
	('pratu_vault', 'record.event', 'INSERT'), ('pratu_vault', 'courier.message', 'SELECT INSERT UPDATE'),
	('pratu_courier', 'courier.message', 'SELECT UPDATE'), ('pratu_courier', 'record.event', 'INSERT'),
	('pratu_admin', 'idp.client', 'SELECT INSERT UPDATE'), ('pratu_admin', 'idp.citizen', 'SELECT INSERT UPDATE'),
	('pratu_admin', 'idp.session', 'SELECT'), ('pratu_admin', 'idp.authz_grant', 'SELECT'),
	('pratu_admin', 'vault.identifier', 'INSERT UPDATE'), ('pratu_admin', 'vault.national_id', 'INSERT UPDATE'),
	('pratu_admin', 'vault.password', 'INSERT UPDATE'), ('pratu_admin', 'vault.factor', 'INSERT UPDATE'),
	('pratu_admin', 'record.event', 'SELECT INSERT')
), secret (object, name, reader) AS (
	VALUES ('vault.password', 'hash', 'pratu_vault'), ('vault.factor', 'secret', 'pratu_vault'),
	('vault.national_id', 'sealed', 'pratu_vault'), ('vault.signing_key', 'sealed', 'pratu_vault'),
	('vault.identifier', 'blind_index', 'pratu_vault'), ('courier.message', 'sealed', 'pratu_courier'),
	('idp.session', 'token_hash', 'pratu_web'), ('idp.session', 'ticket', 'pratu_web'),
	('idp.authz_grant', 'ticket', 'pratu_web'), ('idp.code', 'code_hash', 'pratu_web'),
	('idp.refresh_token', 'token_hash', 'pratu_web'), ('record.event', 'detail', 'pratu_admin')
), ended (object, name) AS ( -- written by idp.end_access, or by the database alone
	VALUES ('idp.session', 'ended_at'), ('idp.session', 'ticket'), ('idp.authz_grant', 'revoked_at'), ('idp.authz_grant', 'ticket'),
	('record.event', 'at'), ('record.event', 'writer'), ('record.event', 'event_id')
), callable (role, function) AS (
	VALUES ('pratu_web', 'idp.admit()'), ('pratu_vault', 'idp.admit()'), ('pratu_courier', 'idp.admit()'), ('pratu_web', 'idp.housekeep()'), ('pratu_web', 'record.index_next(bigint)'),
	('pratu_admin', 'idp.grants_settled()'), ('pratu_admin', 'record.expire(integer, boolean, text)'), ('pratu_admin', 'record.index_next(bigint)')
), record_part (oid) AS (
	SELECT 'record.event'::regclass::oid
	UNION ALL
	SELECT inhrelid FROM pg_inherits WHERE inhparent = 'record.event'::regclass
)
SELECT format('%s lacks %s on %s', role, privilege, object) AS fault
FROM wanted, string_to_table(privileges, ' ') AS privilege
WHERE NOT has_any_column_privilege(role, object, privilege)
UNION ALL
SELECT format('%s may not call %s', role, function)
FROM callable
WHERE NOT has_function_privilege(role, function, 'EXECUTE')
UNION ALL
SELECT format('%s can set %s.%s', role, object, name)
FROM roles CROSS JOIN ended
WHERE has_column_privilege(role, object, name, 'UPDATE')
	OR (object = 'record.event' AND has_column_privilege(role, object, name, 'INSERT'))
UNION ALL
SELECT format('%s lacks the trigger that keeps what was ended from being revived', object)
FROM (VALUES ('idp.session'), ('idp.authz_grant'), ('idp.code'), ('idp.refresh_token')) AS kept (object)
WHERE NOT EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = object::regclass AND t.tgname ~ '_stays_' AND t.tgenabled IN ('O', 'A'))
UNION ALL
SELECT format('%s can read %s.%s', role, object, name)
FROM roles CROSS JOIN secret
WHERE role <> reader AND has_column_privilege(role, object, name, 'SELECT')
UNION ALL
SELECT format('%s reaches %s', role, c.oid::regclass)
FROM (VALUES ('pratu_web', 'vault'), ('pratu_web', 'courier'), ('pratu_courier', 'vault'), ('pratu_courier', 'idp')) AS apart (role, schema)
JOIN pg_class c ON c.relnamespace = schema::regnamespace AND c.relkind IN ('r', 'p', 'v') AND c.oid <> 'idp.instance'::regclass
WHERE has_any_column_privilege(role, c.oid, 'SELECT, INSERT, UPDATE') OR has_table_privilege(role, c.oid, 'DELETE, TRUNCATE')
UNION ALL
SELECT format('%s can change or remove rows of %s', role, part.oid::regclass)
FROM roles CROSS JOIN record_part part
WHERE has_any_column_privilege(role, part.oid, 'UPDATE')
	OR has_table_privilege(role, part.oid, 'DELETE, TRUNCATE, TRIGGER')
UNION ALL
SELECT format('%s lacks the trigger that keeps it append-only', part.oid::regclass)
FROM record_part part
WHERE NOT EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = part.oid AND t.tgname = 'append_only'
	AND t.tgenabled IN ('O', 'A'))
UNION ALL
SELECT format('pratu_web can change %s', object)
FROM (VALUES ('idp.client'), ('idp.citizen')) AS kept (object)
WHERE has_any_column_privilege('pratu_web', object, 'INSERT, UPDATE')
	OR has_table_privilege('pratu_web', object, 'DELETE, TRUNCATE')
UNION ALL
SELECT format('%s may make objects in schema %s', role, n.nspname)
FROM roles CROSS JOIN pg_namespace n
WHERE n.nspname IN ('idp', 'vault', 'courier', 'record', 'public') AND has_schema_privilege(role, n.oid, 'CREATE')
UNION ALL
SELECT format('%s is a superuser, or may make roles or databases, replicate or pass row security', r.rolname)
FROM pg_roles r JOIN roles ON role = r.rolname
WHERE r.rolsuper OR r.rolcreaterole OR r.rolcreatedb OR r.rolreplication OR r.rolbypassrls
UNION ALL
SELECT format('%s is a member of %s', m.member::regrole, m.roleid::regrole)
FROM pg_auth_members m JOIN roles ON role = m.member::regrole::text
UNION ALL
SELECT format('%s belongs to %s, and should to pratu_owner', c.oid::regclass, pg_get_userbyid(c.relowner))
FROM pg_class c
WHERE c.relnamespace::regnamespace::text IN ('idp', 'vault', 'courier', 'record') AND c.relkind IN ('r', 'p', 'v')
	AND pg_get_userbyid(c.relowner) <> 'pratu_owner'
UNION ALL
SELECT 'pratu_owner may log in' FROM pg_roles WHERE rolname = 'pratu_owner' AND rolcanlogin
