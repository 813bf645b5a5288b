-- SPDX-License-Identifier: Apache-2.0
-- What each role may do; nothing else.
-- Partitions are reached through their parents and carry no grants of their own.

GRANT USAGE ON SCHEMA idp TO pratu_web, pratu_vault, pratu_admin;
GRANT USAGE ON SCHEMA vault TO pratu_vault, pratu_admin;
GRANT USAGE ON SCHEMA record TO pratu_web, pratu_vault, pratu_admin;
GRANT SELECT ON idp.migration TO pratu_web, pratu_vault, pratu_admin;

GRANT SELECT ON idp.client TO pratu_web;
GRANT SELECT (citizen_id, claims, locked, created_at, updated_at) ON idp.citizen TO pratu_web;
GRANT SELECT, INSERT ON idp.authn_transaction, idp.session, idp.authz_grant, idp.code,
	idp.refresh_token, idp.assertion, idp.consent TO pratu_web;
GRANT UPDATE (stage, finished_at) ON idp.authn_transaction TO pratu_web;
GRANT UPDATE (last_seen_at, ended_at) ON idp.session TO pratu_web;
GRANT UPDATE (session_id, revoked_at) ON idp.authz_grant TO pratu_web;
GRANT UPDATE (spent_at) ON idp.code, idp.refresh_token TO pratu_web;
GRANT UPDATE (scope, claims, updated_at) ON idp.consent TO pratu_web;
GRANT EXECUTE ON FUNCTION idp.housekeep() TO pratu_web;

GRANT SELECT (citizen_id, public_sub, locked) ON idp.citizen TO pratu_vault;
GRANT SELECT (client_id, metadata, sector, disabled) ON idp.client TO pratu_vault;
GRANT SELECT ON vault.identifier, vault.national_id, vault.password, vault.totp, vault.sandbox_code,
	vault.throttle, vault.device, vault.subject, vault.signing_key TO pratu_vault;
GRANT UPDATE (hash, updated_at) ON vault.password TO pratu_vault;
GRANT UPDATE (last_step, failures) ON vault.totp TO pratu_vault;
GRANT INSERT, UPDATE, DELETE ON vault.throttle, vault.device TO pratu_vault;
GRANT UPDATE (failures) ON vault.sandbox_code TO pratu_vault;
GRANT SELECT, INSERT ON vault.spent_partial TO pratu_vault;
GRANT INSERT ON vault.subject, vault.signing_key TO pratu_vault;
GRANT UPDATE (sealed, active_from, retired_at) ON vault.signing_key TO pratu_vault;

-- The command line sets credentials up and never reads one back.
GRANT SELECT, INSERT, UPDATE ON idp.client TO pratu_admin;
GRANT SELECT, INSERT ON idp.citizen TO pratu_admin;
GRANT UPDATE (claims, locked, updated_at) ON idp.citizen TO pratu_admin;
GRANT SELECT ON idp.consent, idp.partition, idp.partition_policy TO pratu_admin;
GRANT SELECT (session_id, citizen_id, authentication_id, acr, amr, auth_time, address, user_agent,
	created_at, last_seen_at, expires_at, ended_at), UPDATE (ended_at) ON idp.session TO pratu_admin;
GRANT SELECT (grant_id, client_id, citizen_id, session_id, authentication_id, sub, scope, claims,
	offline, created_at, expires_at, revoked_at), UPDATE (revoked_at) ON idp.authz_grant TO pratu_admin;
GRANT INSERT ON vault.identifier, vault.national_id, vault.password, vault.totp, vault.sandbox_code
	TO pratu_admin;
GRANT SELECT (citizen_id, kind), UPDATE (blind_index) ON vault.identifier TO pratu_admin;
GRANT SELECT (citizen_id), UPDATE (sealed) ON vault.national_id TO pratu_admin;
GRANT SELECT (citizen_id, updated_at), UPDATE (hash, updated_at) ON vault.password TO pratu_admin;
GRANT SELECT (citizen_id, failures, updated_at), UPDATE (sealed, last_step, failures, updated_at)
	ON vault.totp TO pratu_admin;
GRANT SELECT (citizen_id), UPDATE (code_hash, failures) ON vault.sandbox_code TO pratu_admin;
GRANT SELECT ON vault.subject TO pratu_admin;
GRANT SELECT (kid, alg, public_jwk, created_at, active_from, retired_at) ON vault.signing_key
	TO pratu_admin;
GRANT EXECUTE ON FUNCTION record.expire(integer, boolean, text) TO pratu_admin;

GRANT INSERT ON record.event TO pratu_web, pratu_vault, pratu_admin;
GRANT SELECT ON record.event TO pratu_admin;
