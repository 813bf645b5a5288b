/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From an authorization request to its answer, over all the steps that a citizen takes on the way:
 * the request is stored and read again before each decision, as in a transaction. The clock is held
 * by the test; no socket, no database.
 */
#include "tests/unit/authz_rig.h"
#include "oidc/authz_decide.h"
#include "oidc/authz_response.h"

#define STEP_S 5 /* that a citizen takes for a page */
#define STEPS_MAX 8

/* A browser, its citizen, and what is remembered of them. */
struct world {
	struct arena *arena;
	struct client client;
	int64_t now_s;
	const char *somebody_else; /* the sub of who signs in when another is chosen */
	struct authz_facts facts; /* the session and what was done in this transaction */
	struct authz_decision last;
	const char *location; /* of the answer */
};

static int begin(void **state)
{
	struct world *world = calloc(1, sizeof *world);
	world->arena = arena_new();
	world->client = rig_client();
	world->now_s = 1000000;
	world->facts.sub = "first";
	*state = world;
	return 0;
}

static int end(void **state)
{
	struct world *world = *state;
	arena_free(world->arena);
	free(world);
	return 0;
}

static void sign_in(struct world *world)
{
	if (world->facts.other_account)
		world->facts.sub = world->somebody_else;
	world->facts.signed_in = true;
	world->facts.acr = "urn:pratu:loa:2";
	world->facts.auth_time_s = world->now_s;
	world->facts.authenticated = true;
	world->facts.other_account = false;
	world->facts.consented = false;
	world->facts.account_chosen = false;
}

static const char *take_step(struct world *world, enum authz_step step)
{
	world->now_s += STEP_S;
	switch (step) {
	case AUTHZ_STEP_SIGN_IN:
		sign_in(world);
		return "sign_in ";
	case AUTHZ_STEP_LEVEL:
		sign_in(world);
		return "level ";
	case AUTHZ_STEP_ACCOUNT:
		world->facts.account_chosen = !world->somebody_else;
		world->facts.other_account = world->somebody_else != NULL;
		return "account ";
	case AUTHZ_STEP_CONSENT:
		world->facts.consented = true;
		return "consent ";
	}
	return "";
}

/* What a consent adds to the row on record. */
static void remember(struct world *world)
{
	struct authz_facts *facts = &world->facts;
	const char *scope = str_join(world->arena, &world->last.grant.scope, " ");
	const char *before = str_join(world->arena, &facts->remembered_scope, " ");
	if (facts->consented)
		facts->remembered_scope = str_split(
			world->arena, arena_printf(world->arena, "%s %s", before, scope), ' ');
	facts->authenticated = facts->consented = false;
	facts->account_chosen = facts->other_account = false;
}

static void answer(struct world *world, const struct authz_request *request)
{
	struct authz_response response =
		world->last.outcome == AUTHZ_ISSUE
			? authz_response_code(request, RIG_ISSUER, "c")
			: authz_response_error(request, RIG_ISSUER, &world->last.error);
	world->location = authz_response_location(world->arena, &response);
	remember(world);
}

/* As a transaction keeps it. */
static struct authz_request stored(struct world *world, const struct authz_request *request)
{
	struct authz_request again;
	json_t *json = authz_request_to_json(request);
	assert_ok(authz_request_from_json(world->arena, json, &again));
	json_decref(json);
	return again;
}

/* Open the request and take every step; returns which they were and how it ended. */
static const char *walk(struct world *world, const char *more)
{
	struct buf steps = buf_new(world->arena);
	struct authz_parsed parsed;
	rig_parse_with(world->arena, &world->client, more, &parsed);
	assert_int_equal(parsed.verdict, AUTHZ_GOOD);
	for (int i = 0; i < STEPS_MAX; i++) {
		struct authz_request request = stored(world, &parsed.request);
		struct authz_question question = {
			&request, &world->client, &world->facts, world->now_s};
		authz_decide(world->arena, &question, &world->last);
		if (world->last.outcome != AUTHZ_STEP) {
			answer(world, &request);
			buf_puts(&steps, world->last.outcome == AUTHZ_ISSUE
						 ? "code"
						 : error_name(world->last.error.code));
			return steps.text;
		}
		buf_puts(&steps, take_step(world, world->last.step));
	}
	return "no end";
}

static void one_sign_in_opens_the_next_door(void **state)
{
	struct world *world = *state;
	assert_string_equal(walk(world, ""), "sign_in consent code");
	assert_string_equal(walk(world, ""), "code");
	assert_string_equal(walk(world, "prompt=none"), "code");
	assert_string_equal(
		world->location, RIG_REDIRECT "&code=c&state=s1&iss=https%3A%2F%2Fid.example");
}

static void nobody_is_asked_under_prompt_none(void **state)
{
	struct world *world = *state;
	assert_string_equal(walk(world, "prompt=none"), "login_required");
	assert_non_null(strstr(world->location, "error=login_required"));
	assert_non_null(strstr(world->location, "&state=s1&iss="));
	world->client.require_consent = false;
	assert_string_equal(walk(world, ""), "sign_in code");
	world->client.require_consent = true;
	assert_string_equal(walk(world, "prompt=none"), "consent_required");
}

static void a_sign_in_grows_old(void **state)
{
	struct world *world = *state;
	assert_string_equal(walk(world, "max_age=60"), "sign_in consent code");
	world->now_s = world->facts.auth_time_s + 60;
	assert_string_equal(walk(world, "max_age=60"), "code");
	world->now_s++;
	assert_string_equal(walk(world, "max_age=60&prompt=none"), "login_required");
	assert_string_equal(walk(world, "max_age=60"), "sign_in code");
	assert_string_equal(walk(world, "max_age=60"), "code");
}

/* Slow pages must not send the citizen in a circle. */
static void a_fresh_sign_in_ends_the_asking_however_slow_the_rest(void **state)
{
	struct world *world = *state;
	assert_string_equal(walk(world, "max_age=1&prompt=consent"), "sign_in consent code");
	assert_true(world->now_s - world->facts.auth_time_s > 1);
	assert_string_equal(walk(world, "max_age=0"), "sign_in code");
	assert_string_equal(
		walk(world, "prompt=login%20consent%20select_account"), "sign_in consent code");
}

static void another_account_signs_in_and_consents_anew(void **state)
{
	struct world *world = *state;
	assert_string_equal(walk(world, ""), "sign_in consent code");
	assert_string_equal(walk(world, "prompt=select_account"), "account code");
	world->somebody_else = "second";
	assert_string_equal(
		walk(world, "prompt=select_account%20consent"), "account sign_in consent code");
	assert_string_equal(world->facts.sub, "second");
}

static void who_was_named_must_come(void **state)
{
	struct world *world = *state;
	const char *named = "claims=%7B%22id_token%22%3A%7B%22sub%22%3A%7B%22value%22%3A%22second"
			    "%22%7D%7D%7D";
	assert_string_equal(walk(world, ""), "sign_in consent code");
	assert_string_equal(walk(world, named), "sign_in login_required");
	world->facts.sub = "second";
	assert_string_equal(walk(world, named), "code");
}

static void more_scope_is_asked_for_once(void **state)
{
	struct world *world = *state;
	static const char *const wide =
		"client_id=tax&redirect_uri=https://tax.example/other&response_type=code"
		"&scope=openid%20email";
	struct authz_parsed parsed;
	assert_string_equal(walk(world, ""), "sign_in consent code");
	rig_parse(world->arena, &world->client, wide, &parsed);
	struct authz_question question = {
		&parsed.request, &world->client, &world->facts, world->now_s};
	authz_decide(world->arena, &question, &world->last);
	assert_int_equal(world->last.step, AUTHZ_STEP_CONSENT);
	assert_int_equal(world->last.outcome, AUTHZ_STEP);
	world->facts.consented = true;
	authz_decide(world->arena, &question, &world->last);
	assert_int_equal(world->last.outcome, AUTHZ_ISSUE);
	remember(world);
	authz_decide(world->arena, &question, &world->last);
	assert_int_equal(world->last.outcome, AUTHZ_ISSUE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(one_sign_in_opens_the_next_door, begin, end),
		cmocka_unit_test_setup_teardown(nobody_is_asked_under_prompt_none, begin, end),
		cmocka_unit_test_setup_teardown(a_sign_in_grows_old, begin, end),
		cmocka_unit_test_setup_teardown(
			a_fresh_sign_in_ends_the_asking_however_slow_the_rest, begin, end),
		cmocka_unit_test_setup_teardown(
			another_account_signs_in_and_consents_anew, begin, end),
		cmocka_unit_test_setup_teardown(who_was_named_must_come, begin, end),
		cmocka_unit_test_setup_teardown(more_scope_is_asked_for_once, begin, end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
