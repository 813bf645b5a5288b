-- SPDX-License-Identifier: Apache-2.0
-- What staff ask the record by, and a word on each table for whoever meets them in psql.

CREATE INDEX ON record.event (authentication_id) WHERE authentication_id IS NOT NULL;

COMMENT ON SCHEMA idp IS 'Pratu: what the web role works on';
COMMENT ON SCHEMA vault IS 'Pratu: credentials and keys; the web role has no way in';
COMMENT ON SCHEMA record IS 'Pratu: the append-only record';
COMMENT ON TABLE idp.client IS 'Agencies'' services, by `pratu apply`';
COMMENT ON TABLE idp.citizen IS 'Citizens and their OpenID claims, by `pratu apply`';
COMMENT ON TABLE idp.authn_transaction IS 'Sign-ins on their way through the pages';
COMMENT ON TABLE idp.session IS 'Browsers that are signed in';
COMMENT ON TABLE idp.authz_grant IS 'What a citizen let a client have in one authorization';
COMMENT ON TABLE idp.code IS 'Authorization codes, by hash';
COMMENT ON TABLE idp.refresh_token IS 'Refresh tokens, by hash';
COMMENT ON TABLE idp.assertion IS 'Client assertions that were seen, each once';
COMMENT ON TABLE idp.consent IS 'What a citizen allowed a client, remembered';
COMMENT ON TABLE idp.partition_policy IS 'How far ahead partitions are made and how long they are kept';
COMMENT ON TABLE record.event IS 'Append only: INSERT, and record.expire() for whole months';
