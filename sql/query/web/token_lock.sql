-- SPDX-License-Identifier: Apache-2.0
-- Hold a refresh token to the end of the transaction, so that no parallel try with it goes between finding out and rotating.
-- params: token_hash bytea, from_ms bigint, until_ms bigint
-- returns: held bigint
-- rows: one
WITH held AS MATERIALIZED (
	SELECT 1 FROM idp.refresh_token
	WHERE token_hash = :token_hash AND created_at >= idp.at_ms(:from_ms) AND created_at < idp.at_ms(:until_ms)
	FOR UPDATE
)
SELECT count(*) AS held FROM held
