/* SPDX-License-Identifier: Apache-2.0 */
#include "oidc/discovery.h"
#include "oidc/client_auth.h"
#include "oidc/grant_type.h"
#include "oidc/pkce.h"
#include "oidc/scope.h"
#include "idp/base/str.h"
#include <stdio.h>

#define WORDS_MAX 8

/* clang-format off */
static const struct endpoint {
	const char *name, *path;
} endpoints[] = {
	{"authorization_endpoint", DISCOVERY_AUTHORIZE},
	{"token_endpoint", DISCOVERY_TOKEN},
	{"userinfo_endpoint", DISCOVERY_USERINFO},
	{"jwks_uri", DISCOVERY_JWKS},
	{"revocation_endpoint", DISCOVERY_REVOKE},
	{"introspection_endpoint", DISCOVERY_INTROSPECT},
	{"end_session_endpoint", DISCOVERY_LOGOUT},
	{"service_documentation", DISCOVERY_DOCUMENTATION},
};

static const struct words {
	const char *name;
	const char *items[WORDS_MAX];
} lists[] = {
	{"response_types_supported", {"code"}},
	{"response_modes_supported", {"query", "form_post"}},
	{"subject_types_supported", {"pairwise", "public"}},
	{"id_token_signing_alg_values_supported", {"RS256", "ES256", "PS256"}},
	{"code_challenge_methods_supported", {PKCE_METHOD}},
	{"token_endpoint_auth_signing_alg_values_supported", {"RS256", "ES256", "PS256"}},
	{"revocation_endpoint_auth_signing_alg_values_supported", {"RS256", "ES256", "PS256"}},
	{"introspection_endpoint_auth_signing_alg_values_supported", {"RS256", "ES256", "PS256"}},
	{"acr_values_supported", {"urn:pratu:loa:1", "urn:pratu:loa:2"}},
	{"prompt_values_supported", {"none", "login", "consent", "select_account"}},
	{"display_values_supported", {"page", "popup", "touch"}},
	{"claim_types_supported", {"normal"}},
	{"ui_locales_supported", {"th", "en"}},
};

static const struct flag {
	const char *name;
	bool value;
} flags[] = {
	{"claims_parameter_supported", true},
	{"request_parameter_supported", false},
	{"request_uri_parameter_supported", false},
	{"require_request_uri_registration", false},
	{"authorization_response_iss_parameter_supported", true},
};
/* clang-format on */

/* Claims that no scope requests: the ID token's own. */
static const char *const protocol_claims[] = {
	"sub", "iss", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "azp", "sid", NULL};

static void append(json_t *array, const char *const *items)
{
	for (size_t i = 0; items[i]; i++)
		json_array_append_new(array, json_string(items[i]));
}

static void put_grant_types(json_t *metadata)
{
	json_t *names = json_array();
	for (int i = 0; i < GRANT_TYPES_N; i++)
		json_array_append_new(
			names, json_string(grant_type_of((enum grant_type_id)i)->name));
	json_put_new(metadata, "grant_types_supported", names);
}

/* An endpoint for clients that prove who they are has no method none. */
static void put_auth_methods(json_t *metadata, const char *name, bool confidential)
{
	json_t *names = json_array();
	for (int i = 0; i < CLIENT_AUTH_METHODS_N; i++) {
		const struct client_auth_row *row = client_auth_row((enum client_auth_method)i);
		if (row->confidential || !confidential)
			json_array_append_new(names, json_string(row->name));
	}
	json_put_new(metadata, name, names);
}

static void put_scopes_and_claims(json_t *metadata)
{
	const char *const *scopes = scope_all();
	json_t *names = json_array(), *claims = json_array();
	append(names, scopes);
	append(claims, protocol_claims);
	for (size_t i = 0; scopes[i]; i++)
		append(claims, scope_claims(scopes[i]));
	json_put_new(metadata, "scopes_supported", names);
	json_put_new(metadata, "claims_supported", claims);
}

json_t *discovery_metadata(const char *issuer)
{
	json_t *metadata = json_object();
	json_put(metadata, "issuer", issuer);
	for (size_t i = 0; i < sizeof(endpoints) / sizeof(endpoints[0]); i++)
		json_put_new(metadata, endpoints[i].name,
			json_sprintf("%s%s", issuer, endpoints[i].path));
	put_scopes_and_claims(metadata);
	put_grant_types(metadata);
	put_auth_methods(metadata, "token_endpoint_auth_methods_supported", false);
	put_auth_methods(metadata, "revocation_endpoint_auth_methods_supported", false);
	put_auth_methods(metadata, "introspection_endpoint_auth_methods_supported", true);
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		json_t *array = json_array();
		append(array, lists[i].items);
		json_put_new(metadata, lists[i].name, array);
	}
	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		json_put_flag(metadata, flags[i].name, flags[i].value);
	return metadata;
}
