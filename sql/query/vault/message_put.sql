-- SPDX-License-Identifier: Apache-2.0
-- A message for the courier, which is told at COMMIT.
-- params: message_id uuid, created_ms bigint, channel text, purpose text, ttl_s bigint, epoch bigint, sealed bytea
-- params: subject_id uuid null, authentication_id uuid null, client_id text null, correlation_id text null, language text
-- returns: none
-- rows: none
INSERT INTO courier.message (message_id, created_at, channel, purpose, next_at, expires_at, epoch, sealed, subject_id, authentication_id,
	client_id, correlation_id, language)
VALUES (:message_id, idp.at_ms(:created_ms), :channel, :purpose, now(),
	idp.at_ms(:created_ms) + :ttl_s * interval '1 second', :epoch, :sealed, :subject_id, :authentication_id, :client_id,
	:correlation_id, :language)
