-- SPDX-License-Identifier: Apache-2.0
-- Factors as rows of one table, guesses counted by factor and device, delays by login name, and a use-by date on whatever
-- strangers can make grow.

-- A second factor that a citizen has. A new kind of factor is a row of otp/factor.c, not a table.
CREATE TABLE vault.factor (
	citizen_id uuid NOT NULL REFERENCES idp.citizen,
	kind       text NOT NULL,         -- 'totp', 'sandbox_code', ...: a row of otp/factor.c
	secret     bytea NOT NULL,        -- what the kind stores: a sealed seed, a keyed hash
	counter    bigint NOT NULL DEFAULT 0, -- the last step accepted, for kinds that have steps: forward only
	bound_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
	PRIMARY KEY (citizen_id, kind)
);
INSERT INTO vault.factor (citizen_id, kind, secret, counter, bound_at)
	SELECT citizen_id, 'totp', sealed, last_step, updated_at FROM vault.totp;
INSERT INTO vault.factor (citizen_id, kind, secret, bound_at)
	SELECT citizen_id, 'sandbox_code', code_hash, now() FROM vault.sandbox_code;

-- Wrong codes that were not earned back: by the device that sent them. A success takes back those of its own device only. Written
-- under the lock of the factor's row.
CREATE TABLE vault.factor_failure (
	citizen_id  uuid NOT NULL REFERENCES idp.citizen,
	kind        text NOT NULL,
	device_hash bytea NOT NULL,       -- SHA-256 of the device cookie; '' where none is known
	known       boolean NOT NULL,     -- was it a known device at its last failure
	failures    integer NOT NULL,
	last_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
	told_at     timestamptz,          -- when the citizen was told of them
	PRIMARY KEY (citizen_id, kind, device_hash)
);
INSERT INTO vault.factor_failure (citizen_id, kind, device_hash, known, failures)
	SELECT citizen_id, 'totp', ''::bytea, false, failures FROM vault.totp WHERE failures > 0
	UNION ALL SELECT citizen_id, 'sandbox_code', ''::bytea, false, failures FROM vault.sandbox_code WHERE failures > 0;
DROP TABLE vault.totp, vault.sandbox_code;

-- Delays are per login name and device now: the old buckets mean nothing any more.
TRUNCATE vault.throttle;
ALTER TABLE vault.throttle ADD COLUMN forget_at timestamptz NOT NULL; -- of no more use from here on
COMMENT ON COLUMN vault.throttle.bucket IS 'HMAC of (login name, known device or unknown)';

ALTER TABLE vault.device ADD COLUMN forget_at timestamptz NOT NULL DEFAULT now() + interval '400 days';
CREATE INDEX ON vault.device (forget_at);

GRANT SELECT, DELETE ON vault.factor_failure TO pratu_vault;
GRANT INSERT, UPDATE ON vault.factor_failure TO pratu_vault;
GRANT SELECT ON vault.factor TO pratu_vault;
GRANT UPDATE (counter) ON vault.factor TO pratu_vault;
GRANT INSERT, DELETE ON vault.factor TO pratu_admin;
GRANT SELECT (citizen_id, kind, bound_at), UPDATE (secret, counter, bound_at) ON vault.factor TO pratu_admin;
GRANT SELECT (citizen_id, kind, failures, last_at), DELETE ON vault.factor_failure TO pratu_admin;
GRANT SELECT (citizen_id), DELETE ON vault.device TO pratu_admin;
