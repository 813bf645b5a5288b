/* SPDX-License-Identifier: Apache-2.0 */
#include "oidc/client.h"
#include "oidc/client_auth.h"
#include "oidc/client_members.h"
#include "oidc/error.h"
#include "oidc/grant_type.h"
#include "oidc/scope.h"
#include "oidc/uri.h"
#include <string.h>

/* Of a client that names no scope. Where the citizen is asked, it may ask for the national ID too,
 * and for access that outlives the session. */
#define DEFAULT_SCOPE "openid profile email phone address"
#define DEFAULT_SCOPE_ASKED DEFAULT_SCOPE " " SCOPE_NATIONAL_ID
#define ALL_ALGS (1u << JOSE_ES256 | 1u << JOSE_RS256 | 1u << JOSE_PS256)

static bool check_scopes(struct client_draft *draft)
{
	struct client *client = &draft->client;
	const char *by_default = client->require_consent ? DEFAULT_SCOPE_ASKED : DEFAULT_SCOPE;
	if (client->require_consent && grant_type_registered(client, GRANT_refresh_token))
		by_default = DEFAULT_SCOPE_ASKED " " SCOPE_OFFLINE;
	client->scopes = str_split(draft->arena, draft->scope ? draft->scope : by_default, ' ');
	for (size_t i = 0; i < client->scopes.n; i++)
		if (!scope_known(client->scopes.items[i]))
			return client_members_fault(draft, "scope",
				"%s is not a scope that is known here", client->scopes.items[i]);
	if (!str_list_has(&client->scopes, SCOPE_OPENID))
		return client_members_fault(draft, "scope", "expected openid among the scopes");
	if (str_list_has(&client->scopes, SCOPE_OFFLINE) &&
		!grant_type_registered(client, GRANT_refresh_token))
		return client_members_fault(
			draft, "scope", "offline_access needs refresh_token in grant_types");
	return true;
}

/* Without the member, all: a refresh token still needs offline_access in scope. */
static bool check_grants(struct client_draft *draft)
{
	const struct str_list *types = &draft->grant_types;
	const bool given = client_members_given(draft, "grant_types");
	unsigned set = given ? 0 : (1u << GRANT_TYPES_N) - 1;
	for (size_t i = 0; i < types->n; i++) {
		const struct grant_type *type = grant_type_find(types->items[i]);
		if (!type)
			return client_members_fault(draft, "grant_types",
				"expected %s, received %s", grant_type_names(draft->arena, "and"),
				types->items[i]);
		set |= 1u << type->id;
	}
	draft->client.grant_types = set;
	if (!grant_type_registered(&draft->client, GRANT_authorization_code))
		return client_members_fault(
			draft, "grant_types", "expected authorization_code among them");
	for (size_t i = 0; i < draft->response_types.n; i++)
		if (!str_eq(draft->response_types.items[i], "code"))
			return client_members_fault(draft, "response_types",
				"expected code, received %s", draft->response_types.items[i]);
	return true;
}

static bool check_auth(struct client_draft *draft)
{
	struct client *client = &draft->client;
	client->auth_method = (enum client_auth_method)draft->auth_method;
	client->assertion_algs = client_members_given(draft, "token_endpoint_auth_signing_alg")
					 ? 1u << draft->auth_alg
					 : ALL_ALGS;
	if (client->auth_method == CLIENT_AUTH_PRIVATE_KEY_JWT && client->keys.n == 0)
		return client_members_fault(
			draft, "jwks", "expected a key to verify with, for private_key_jwt");
	if (!client_confidential(client)) {
		if (client_members_given(draft, "require_pkce") && !client->require_pkce)
			return client_members_fault(
				draft, "require_pkce", "a public client always uses PKCE");
		client->require_pkce = true;
	}
	if (!client_members_given(draft, "access_token_signed_response_alg"))
		client->access_token_alg = client->id_token_alg;
	return true;
}

/* https; http to the own machine; a reverse-domain scheme for native applications (RFC 8252 s7). */
static bool redirect_good(const struct client_draft *draft, const struct uri *uri)
{
	bool web = str_eq(uri->scheme, "https") || str_eq(uri->scheme, "http");
	if (web)
		return uri_is_web(uri);
	return draft->application_type == CLIENT_APPLICATION_NATIVE && strchr(uri->scheme, '.');
}

static bool check_uris(struct client_draft *draft, const char *member, const struct str_list *uris)
{
	for (size_t i = 0; i < uris->n; i++) {
		struct uri uri;
		if (!uri_parse(draft->arena, uris->items[i], &uri) || !redirect_good(draft, &uri))
			return client_members_fault(draft,
				arena_printf(draft->arena, "%s[%zu]", member, i),
				"expected https, or http to localhost, or for application_type "
				"native a scheme like th.go.agency");
	}
	return true;
}

/* The host; of a private-use scheme, which belongs to one application as a host does (RFC 8252
 * s7.1), "<scheme>:". */
static const char *sector_of(struct arena *arena, const char *text)
{
	struct uri uri = {.scheme = "", .host = ""};
	(void)uri_parse(arena, text, &uri);
	const bool web = str_eq(uri.scheme, "https") || str_eq(uri.scheme, "http");
	return web ? uri.host : arena_printf(arena, "%s:", uri.scheme);
}

/* OpenID Connect Core s8.1: the host of sector_identifier_uri, or the one host or private-use
 * scheme of all redirect_uris. */
static bool find_sector(struct client_draft *draft)
{
	struct client *client = &draft->client;
	const struct str_list *uris = &client->redirect_uris;
	const char *named = draft->sector_identifier_uri;
	client->sector = sector_of(draft->arena, named ? named : uris->items[0]);
	if (named || client->subject_public)
		return true;
	for (size_t i = 1; i < uris->n; i++) {
		const char *other = sector_of(draft->arena, uris->items[i]);
		if (!str_eq(other, client->sector))
			return client_members_fault(draft, "sector_identifier_uri",
				"expected for pairwise subjects, as redirect_uris have no single "
				"host: %s and %s",
				error_shown(draft->arena, client->sector),
				error_shown(draft->arena, other));
	}
	return true;
}

static bool check(struct client_draft *draft)
{
	struct client *client = &draft->client;
	if (!client->client_id)
		return client_members_fault(
			draft, "client_id", "expected the name of the client, received nothing");
	client->name = client->name ? client->name : client->client_id;
	if (client->redirect_uris.n == 0)
		return client_members_fault(draft, "redirect_uris", "expected at least one");
	client->purpose_th = client->purpose_th ? client->purpose_th : client->purpose;
	client->purpose_en = client->purpose_en ? client->purpose_en : client->purpose;
	client->name_th = client->name_th ? client->name_th : client->name;
	client->name_en = client->name_en ? client->name_en : client->name;
	client->subject_public = draft->subject_type == CLIENT_SUBJECT_PUBLIC;
	client->native = draft->application_type == CLIENT_APPLICATION_NATIVE;
	return check_grants(draft) && check_scopes(draft) && check_auth(draft) &&
	       check_uris(draft, "redirect_uris", &client->redirect_uris) &&
	       check_uris(draft, "post_logout_redirect_uris", &client->post_logout_redirect_uris) &&
	       find_sector(draft);
}

struct result client_parse(struct arena *arena, const json_t *metadata, const struct client **out,
	struct client_fault *fault)
{
	struct client_draft *draft = ARENA_NEW(arena, struct client_draft);
	draft->arena = arena;
	draft->fault = fault;
	draft->client.id_token_alg = JOSE_RS256;
	draft->client.require_consent = true;
	draft->client.iss_in_error_responses = true;
	draft->client.default_max_age_s = -1;
	if (!client_members_read(draft, metadata) || !check(draft)) {
		client_free(&draft->client);
		FAIL(ERR_FORMAT);
	}
	*out = &draft->client;
	return OK;
}

void client_free(const struct client *client)
{
	if (!client)
		return;
	for (size_t i = 0; i < client->keys.n; i++)
		jose_key_free(client->keys.items[i]);
}

void client_auto(const struct client **client)
{
	client_free(*client);
}

bool client_confidential(const struct client *client)
{
	return client_auth_row(client->auth_method)->confidential;
}

static bool has_loopback_alike(const struct str_list *uris, const char *uri)
{
	for (size_t i = 0; i < uris->n; i++)
		if (uri_is_loopback_alike(uris->items[i], uri))
			return true;
	return false;
}

static bool has_uri(const struct client *client, const struct str_list *uris, const char *uri)
{
	if (!uri)
		return false;
	return str_list_has(uris, uri) || (client->native && has_loopback_alike(uris, uri));
}

bool client_has_redirect_uri(const struct client *client, const char *uri)
{
	return has_uri(client, &client->redirect_uris, uri);
}

const char *client_uris_text(struct arena *arena, const struct str_list *uris)
{
	const char *all = uris->n > 0 ? str_join(arena, uris, " ") : "none";
	const bool cut = strlen(all) > CLIENT_URIS_SHOWN_MAX;
	return arena_printf(arena, "%.*s%s", CLIENT_URIS_SHOWN_MAX, all, cut ? "..." : "");
}

bool client_has_post_logout_redirect_uri(const struct client *client, const char *uri)
{
	return has_uri(client, &client->post_logout_redirect_uris, uri);
}
