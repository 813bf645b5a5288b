/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `pratu apply`: one JSON document of agencies, clients and citizens, brought into the database all
 * or nothing. First everything is read and validated, every mistake noted with its path; the vault
 * turns secrets into their stored forms; then one transaction writes what differs. Only the files
 * apply_*.c and cmd_apply.c include this.
 */
#ifndef PRATU_CLI_APPLY_H
#define PRATU_CLI_APPLY_H

#include "idp/cli/cli.h"
#include "vault_table.h"

#define APPLY_BATCH 256 /* citizens that share an arena, for one of all would reach its limit */
#define APPLY_FAULTS_MAX 100 /* noted; more mistakes than that are one big mistake */

struct apply_client {
	const char *path; /* "clients[2]" */
	json_t *metadata; /* owned: as it is stored */
	const char *client_id, *sector;
	const uint8_t *secret_hash; /* SHA-256 of client_secret, 32 bytes; NULL: none was given */
	bool wants_secret; /* its authentication method has one */
	bool disabled;
};

struct apply_citizen {
	const char *path; /* "citizens[0]" */
	const json_t *source; /* of the document */
	const char *citizen_id;
	bool is_new;
	json_t *claims; /* owned; NULL: none was given, those stored stay */
	struct arena *arena; /* of the vault's replies; shared, and owned by each APPLY_BATCH-th */
	struct vault_prepare_citizen_out prepared; /* as it is to be stored */
};

struct apply {
	struct cli *cli;
	json_t *document;
	json_t *faults; /* [{path, fault}] */
	json_t *warnings; /* the same shape */
	json_t *items; /* [{kind, id, path, outcome}] */
	json_t *seen; /* names that was given already, to their paths */
	struct apply_client *clients;
	struct apply_citizen *citizens;
	size_t n_clients, n_citizens;
	int64_t created, changed, unchanged;
};

/* Note a mistake, or a warning. path: of the member. */
void apply_fault(struct apply *apply, const char *path, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void apply_warning(struct apply *apply, const char *path, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* What a JSON value is, for a message: "a number", "null". Static storage. */
const char *apply_kind(const json_t *value);
/* False, and a fault: name (of that kind of thing) was given before in this document. */
bool apply_first(struct apply *apply, const char *kind, const char *name, const char *path);
struct apply_outcome {
	const char *kind, *id, *path;
	bool created, changed;
};
/* Count what became of one thing, and keep it for --json. */
void apply_count(struct apply *apply, const struct apply_outcome *outcome);

/* Take the document apart into clients and citizens, each read as far as the document alone allows.
 */
void apply_document_read(struct apply *apply);

/* One client of the document. agency: the object that gives defaults, or NULL. */
void apply_client_read(
	struct apply *apply, const json_t *source, const json_t *agency, const char *path);
/* Compare with what is stored. ERR_DB. */
MUST_CHECK struct result apply_client_check(struct apply *apply, const struct apply_client *client);
/* Write it. ERR_DB. */
MUST_CHECK struct result apply_client_store(struct apply *apply, const struct apply_client *client);

/* One citizen of the document. */
void apply_citizen_read(struct apply *apply, const json_t *source, const char *path);
/* Find who it is and have the secrets prepared. Returns CLI_OK, also where a mistake was noted;
 * CLI_AWAY, which has been printed. */
int apply_citizen_prepare(struct apply *apply, struct apply_citizen *citizen);
/* Write it. ERR_DB. */
MUST_CHECK struct result apply_citizen_store(
	struct apply *apply, const struct apply_citizen *citizen);

/* Is name a claim that a citizen may carry (OIDC Core s5.1), perhaps with a language tag? */
bool apply_claim_known(const char *name);
/* Check a claim's value. path: of the claim. Notes a fault where it is not good. */
void apply_claim_check(
	struct apply *apply, const char *name, const json_t *value, const char *path);

#endif
