/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The limit for a whole sign-in: what none can avoid, with nothing around it, in one process. Seven
 * requests through libmicrohttpd with answers as long as Pratu's; seven prepared statements of one
 * row, of which five are committed, over two connections that sleep in between; a transaction that
 * is sealed or opened six times; one Argon2id; two ES256 signatures and one verification.
 * usage: bare_signin PORT CONNINFO; ends at end of standard input, and then prints the CPU of all
 * its Argon2id, in microseconds. The connections are named "bare_signin".
 */
#include <libpq-fe.h>
#include <microhttpd.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <sodium.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define BODY_MAX 8192
#define SEALED_LEN 300 /* bytes of a transaction */
#define SIGNED_LEN 400 /* bytes of a token */

enum database { VAULT, WEB, DATABASES };

/* A request and what its answer takes. look, put, spend: statements of that kind. */
struct step {
	const char *path;
	size_t len; /* bytes of the answer's body */
	int seals, signs, verifies, hashes;
	enum database database;
	int look, put, spend;
};

static const struct step steps[] = {
	{"/authorize", 1000, 1, 0, 0, 0, WEB, 0, 0, 0},
	{"/signin", 5000, 1, 0, 0, 0, WEB, 0, 0, 0},
	{"/signin/password", 1400, 2, 0, 0, 1, VAULT, 1, 1, 0},
	{"/signin/second", 4900, 1, 0, 0, 0, WEB, 0, 0, 0},
	{"/signin/factor", 500, 1, 0, 0, 0, VAULT, 1, 1, 0},
	{"/signin/end", 0, 0, 0, 0, 0, WEB, 0, 1, 0}, /* the same request's part of the web role */
	{"/token", 2300, 0, 2, 0, 0, WEB, 0, 0, 1},
	{"/userinfo", 500, 0, 0, 1, 0, WEB, 0, 1, 0},
};
#define STEPS (sizeof steps / sizeof *steps)

static const char *const statements[][2] = {
	{"look", "SELECT id, spent_at FROM bare_signin WHERE id = $1::bigint"},
	{"put", "INSERT INTO bare_signin (id) VALUES ($1::bigint)"},
	{"spend", "UPDATE bare_signin SET spent_at = now() WHERE id = $1::bigint AND spent_at IS "
		  "NULL"},
};

struct bare {
	PGconn *databases[DATABASES];
	EVP_PKEY *key;
	EVP_CIPHER_CTX *cipher;
	unsigned char signature[128];
	size_t signature_len;
	int64_t row; /* the last one put */
	int64_t hashed_us;
};

static void must(bool good, const char *what)
{
	if (!good) {
		fprintf(stderr, "bare_signin: %s failed\n", what);
		exit(1);
	}
}

static int64_t thread_us(void)
{
	struct timespec t;
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static void seal(struct bare *bare)
{
	static const unsigned char key[32] = {1}, nonce[12] = {2}, plain[SEALED_LEN] = {3};
	unsigned char out[SEALED_LEN], tag[16];
	int len;
	must(EVP_EncryptInit_ex(bare->cipher, EVP_aes_256_gcm(), NULL, key, nonce) == 1 &&
			EVP_EncryptUpdate(bare->cipher, out, &len, plain, sizeof plain) == 1 &&
			EVP_EncryptFinal_ex(bare->cipher, out + len, &len) == 1 &&
			EVP_CIPHER_CTX_ctrl(bare->cipher, EVP_CTRL_AEAD_GET_TAG, sizeof tag, tag) ==
				1,
		"sealing");
}

static const unsigned char token[SIGNED_LEN] = {1};

static void sign(struct bare *bare)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bare->signature_len = sizeof bare->signature;
	must(ctx && EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, bare->key) == 1 &&
			EVP_DigestSign(ctx, bare->signature, &bare->signature_len, token,
				sizeof token) == 1,
		"signature");
	EVP_MD_CTX_free(ctx);
}

static void verify(struct bare *bare)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	must(ctx && EVP_DigestVerifyInit(ctx, NULL, EVP_sha256(), NULL, bare->key) == 1 &&
			EVP_DigestVerify(ctx, bare->signature, bare->signature_len, token,
				sizeof token) == 1,
		"verification");
	EVP_MD_CTX_free(ctx);
}

static void hash(struct bare *bare)
{
	static const char password[] = "a long password";
	static const unsigned char salt[crypto_pwhash_SALTBYTES] = {1};
	unsigned char out[32];
	const int64_t began_us = thread_us();
	must(crypto_pwhash(out, sizeof out, password, strlen(password), salt, 2, 19456 * 1024,
		     crypto_pwhash_ALG_ARGON2ID13) == 0,
		"Argon2id");
	bare->hashed_us += thread_us() - began_us;
}

static void run(struct bare *bare, enum database database, const char *name)
{
	char id[24];
	const char *const values[] = {id};
	snprintf(id, sizeof id, "%lld", (long long)bare->row);
	PGresult *result =
		PQexecPrepared(bare->databases[database], name, 1, values, NULL, NULL, 0);
	must(strcmp(PQcmdTuples(result), "1") == 0, name);
	PQclear(result);
}

static void work(struct bare *bare, const struct step *step)
{
	for (int i = 0; i < step->seals; i++)
		seal(bare);
	for (int i = 0; i < step->verifies; i++)
		verify(bare);
	if (step->look)
		run(bare, step->database, "look");
	for (int i = 0; i < step->hashes; i++)
		hash(bare);
	if (step->put) {
		bare->row++;
		run(bare, step->database, "put");
	}
	if (step->spend)
		run(bare, step->database, "spend");
	for (int i = 0; i < step->signs; i++)
		sign(bare);
}

static enum MHD_Result answer(void *arg, struct MHD_Connection *connection, const char *url,
	const char *method, const char *version, const char *body, size_t *body_len, void **state)
{
	static char text[BODY_MAX];
	struct bare *bare = arg;
	const struct step *step = steps;
	(void)method, (void)version, (void)body;
	if (!*state || *body_len > 0) { /* the head, or a part of the body */
		*state = bare;
		*body_len = 0;
		return MHD_YES;
	}
	while (step < steps + STEPS && strcmp(step->path, url) != 0)
		step++;
	must(step < steps + STEPS, url);
	work(bare, step);
	if (strcmp(url, "/signin/factor") == 0)
		work(bare, step + 1);
	struct MHD_Response *response =
		MHD_create_response_from_buffer(step->len, text, MHD_RESPMEM_PERSISTENT);
	must(response != NULL, "response");
	const enum MHD_Result queued = MHD_queue_response(connection, MHD_HTTP_OK, response);
	MHD_destroy_response(response);
	return queued;
}

static void done(PGresult *result, const char *what)
{
	must(PQresultStatus(result) == PGRES_COMMAND_OK, what);
	PQclear(result);
}

static PGconn *connect_to(const char *conninfo)
{
	const char *const names[] = {"dbname", "application_name", NULL};
	const char *const values[] = {conninfo, "bare_signin", NULL};
	PGconn *database = PQconnectdbParams(names, values, 1);
	must(PQstatus(database) == CONNECTION_OK, "connection");
	return database;
}

static void open_databases(struct bare *bare, const char *conninfo)
{
	for (int i = 0; i < DATABASES; i++)
		bare->databases[i] = connect_to(conninfo);
	done(PQexec(bare->databases[0], "SET client_min_messages = error"), "SET");
	done(PQexec(bare->databases[0], "DROP TABLE IF EXISTS bare_signin"), "DROP");
	done(PQexec(bare->databases[0],
		     "CREATE TABLE bare_signin (id bigint PRIMARY KEY, spent_at timestamptz)"),
		"CREATE");
	for (int i = 0; i < DATABASES; i++)
		for (size_t k = 0; k < sizeof statements / sizeof *statements; k++)
			done(PQprepare(bare->databases[i], statements[k][0], statements[k][1], 1,
				     NULL),
				statements[k][0]);
	bare->row = 1;
	run(bare, VAULT, "put");
}

int main(int argc, char **argv)
{
	static struct bare bare;
	char byte;
	if (argc != 3 || sodium_init() < 0)
		return 2;
	bare.key = EVP_EC_gen("P-256");
	bare.cipher = EVP_CIPHER_CTX_new();
	must(bare.key && bare.cipher, "set-up");
	open_databases(&bare, argv[2]);
	sign(&bare);
	/* One thread: its handlers wait for the database themselves. */
	struct MHD_Daemon *daemon = MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD,
		(uint16_t)strtoul(argv[1], NULL, 10), NULL, NULL, answer, &bare, MHD_OPTION_END);
	must(daemon != NULL, "listening");
	printf("ready\n");
	fflush(stdout);
	while (read(STDIN_FILENO, &byte, 1) > 0) {
	}
	MHD_stop_daemon(daemon);
	printf("%lld\n", (long long)bare.hashed_us);
	for (int i = 0; i < DATABASES; i++)
		PQfinish(bare.databases[i]);
	EVP_CIPHER_CTX_free(bare.cipher);
	EVP_PKEY_free(bare.key);
	return 0;
}
