-- SPDX-License-Identifier: Apache-2.0
-- A client to hold in memory; its version is compared by whatever statement commits on its word.
-- params: client_id text
-- returns: metadata jsonb, secret_hash bytea null, former_secret_hash bytea null, former_secret_until_s bigint null
-- returns: version bigint
-- rows: maybe
SELECT metadata, secret_hash, former_secret_hash, floor(extract(epoch FROM former_secret_until))::bigint AS former_secret_until_s,
	version
FROM idp.client WHERE client_id = :client_id AND NOT disabled
