/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which claims an authorization gives: those its scopes request (OIDC Core s5.4) and those
 * asked for one by one with the `claims` parameter (s5.5); and their values, from the citizen's
 * stored JSON. The claims of scopes go to UserInfo, as the code flow has it; the ID token gets
 * only what claims.id_token names. A claim whose value the citizen does not have is left out,
 * also an essential one (s5.5.1). Language-tagged names (name#th, s5.2) are given where stored
 * under that very name. Pure.
 */
#ifndef PRATU_OIDC_CLAIMS_H
#define PRATU_OIDC_CLAIMS_H

#include "idp/base/json.h"
#include "idp/base/str.h"

#define CLAIMS_TEXT_MAX 8192 /* bytes of the `claims` parameter */
#define CLAIMS_ASKS_MAX 64 /* names understood in one place */
#define CLAIMS_VALUES_MAX 16 /* of one name */

enum claims_place {
	CLAIMS_ID_TOKEN,
	CLAIMS_USERINFO,
	CLAIMS_PLACES,
};

/* One name that was asked for. values: the texts of value or values; they matter for acr and sub
 * alone. */
struct claims_ask {
	const char *name;
	bool essential;
	struct str_list values;
};

struct claims_asks {
	size_t n;
	const struct claims_ask *items;
};

/* The `claims` parameter as understood: unknown names and members are removed, protocol claims
 * (sub, acr, auth_time) are kept for the decision. All zero: nothing was asked. */
struct claims_request {
	struct claims_asks place[CLAIMS_PLACES];
};

/* Read the parameter's text. False: not as s5.5 requires; *fault is then a plain phrase, in the
 * arena. *out on success only. */
bool claims_parse(
	struct arena *arena, const char *text, struct claims_request *out, const char **fault);
/* The same from and to JSON: how transactions and grants store it. from: NULL gives nothing
 * asked. to: a new object. */
bool claims_from_json(
	struct arena *arena, const json_t *object, struct claims_request *out, const char **fault);
json_t *claims_to_json(const struct claims_request *request);
/* What a client may ask: only claims of its own scopes, and the protocol's. */
struct claims_request claims_permitted(
	struct arena *arena, const struct claims_request *request, const struct str_list *scopes);
/* The ask for name in that place, or NULL. */
const struct claims_ask *claims_find(
	const struct claims_request *request, enum claims_place place, const char *name);

/* What was granted: idp.authz_grant's scope (split) and claims. */
struct claims_grant {
	struct str_list scope;
	struct claims_request request;
	bool shown_only; /* of all that, only the claims named in shown: those that the citizen saw
			    when they allowed it */
	struct str_list shown;
};
/* Read the member "shown" (names) of what idp.authz_grant stores as claims; without one, everything
 * is given. */
void claims_read_shown(struct arena *arena, const json_t *object, struct claims_grant *grant);
/* claims_to_json, with "shown" where only what was shown is given. A new object. */
json_t *claims_grant_to_json(const struct claims_grant *grant);
/* Of claims_names, those that the client would be given now: the citizen has a value. stored:
 * idp.citizen.claims, NULL: not known, and all are named. The national ID is always named;
 * updated_at too, since every citizen's row has one. */
struct str_list claims_offered(
	struct arena *arena, const struct claims_grant *grant, const json_t *stored);
/* Every claim that will be disclosed to the client, by name, once each, in the order of scopes and
 * then of the request; no protocol claims. */
struct str_list claims_names(struct arena *arena, const struct claims_grant *grant);
/* The names among them that no granted scope holds: what the parameter alone brings. */
struct str_list claims_beyond_scope(struct arena *arena, const struct claims_grant *grant);
/* Is the national ID among what goes to that place? Then the caller fetches it from the vault. */
bool claims_has_national_id(const struct claims_grant *grant, enum claims_place place);

struct claims_source {
	const json_t *stored; /* idp.citizen.claims */
	const char *national_id; /* from the vault, or NULL */
	int64_t updated_at_s; /* of the citizen's row; used where stored has no updated_at; 0:
				 unknown */
};
/* Put the claims of that place into out. It never sets a protocol claim (sub, iss, aud, acr,
 * ...). */
void claims_put(json_t *out, enum claims_place place, const struct claims_grant *grant,
	const struct claims_source *source);

#endif
