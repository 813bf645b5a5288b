/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/base/enc.h"
#include "idp/base/str.h"
#include "idp/cli/commands.h"
#include "idp/cli/files.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What was done with one thing, for people and for --json. */
static void note(struct cli *cli, json_t *answer, const char *path, bool made)
{
	cli_print(cli, "%-6s %s", made ? "made" : "kept", path);
	json_put(answer, path, made ? "made" : "kept");
}

static int cannot(struct cli *cli, const char *path)
{
	return cli_fail(cli, CLI_REFUSED, "cannot make %s: %s", path, strerror(errno));
}

/* A line "key = ..." or "#key = ..." of the sample. */
static bool is_row(const char *line, const char *key)
{
	const size_t len = strlen(key);
	if (*line == '#')
		line++;
	return strncmp(line, key, len) == 0 && strncmp(line + len, " = ", 3) == 0;
}

/* The value in the sample in place of a default: what was given; and beside settings that stand
 * elsewhere than usual, their key and sockets stand beside them. NULL: the default. */
static const char *chosen(const struct cli *cli, const char *line)
{
	static const char *const given[][2] = {{"--mode", "mode"}, {"--issuer", "issuer"}};
	static const char *const beside[] = {"key_file = key", "vault_socket_dir = sockets"};
	for (size_t i = 0; i < 2; i++)
		if (is_row(line, given[i][1]) && cli_option(cli, given[i][0]))
			return arena_printf(
				cli->arena, "%s = %s", given[i][1], cli_option(cli, given[i][0]));
	for (size_t i = 0; i < 2 && !str_eq(cli->config, CLI_CONFIG_DEFAULT); i++)
		if (is_row(line, arena_strndup(cli->arena, beside[i], strcspn(beside[i], " "))))
			return beside[i];
	return NULL;
}

static const char *sample(struct cli *cli)
{
	char *text = NULL, *next = NULL;
	size_t len = 0;
	FILE *stream = open_memstream(&text, &len);
	if (!stream)
		abort();
	settings_sample(stream);
	(void)fclose(stream);
	struct buf out = buf_new(cli->arena);
	/* Each line of the sample ends in a line feed. */
	for (char *line = text; (next = strchr(line, '\n')) != NULL; line = next + 1) {
		*next = '\0';
		const char *value = chosen(cli, line);
		buf_printf(&out, "%s\n", value ? value : line);
	}
	free(text);
	return out.text;
}

static int make_settings(struct cli *cli, json_t *answer)
{
	const struct files_new file = {cli->config, sample(cli), 0644};
	struct settings_fault fault = {0, ""};
	bool made = false;
	if (files_directory_of(cli->config, 0755, &made).err != ERR_NONE ||
		files_write_new(&file, &made).err != ERR_NONE)
		return cannot(cli, cli->config);
	if (settings_load(cli->config, &cli->settings, &fault).err != ERR_NONE) {
		/* A value that was just given and is not good shall not stand in the way of the
		 * next try. */
		if (made)
			(void)remove(cli->config);
		return cli_fail(
			cli, CLI_REFUSED, "%s line %d: %s", cli->config, fault.line, fault.text);
	}
	note(cli, answer, cli->config, made);
	return CLI_OK;
}

/* Nobody can guess the issuer, and settings that are there are not changed: neither is passed over
 * in silence. */
static int check_options(struct cli *cli)
{
	const bool there = access(cli->config, F_OK) == 0;
	const bool given = cli_option(cli, "--issuer") || cli_option(cli, "--mode");
	if (there && given)
		return cli_fail(cli, CLI_REFUSED,
			"%s exists and is not changed: edit its issuer and mode there, or leave "
			"--issuer and --mode out to make what else is missing",
			cli->config);
	if (!there && errno == ENOENT && !cli_option(cli, "--issuer"))
		return cli_fail(cli, CLI_USAGE,
			"%s is to be made: expected --issuer https://HOST, the address that "
			"everybody knows; received none",
			cli->config);
	return CLI_OK;
}

static int make_key(struct cli *cli, json_t *answer)
{
	const char *path = cli->settings->key_file;
	const struct files_owner owner = {cli->settings->vault_user, cli->settings->vault_user};
	uint8_t key[KEY_LEN];
	bool made = false;
	rng_bytes(&cli->rng, key, sizeof key);
	char *text = arena_printf(cli->arena, "%s\n", enc_hex(cli->arena, key, sizeof key));
	const struct files_new file = {path, text, 0600};
	const bool good = files_directory_of(path, 0755, &made).err == ERR_NONE &&
			  files_write_new(&file, &made).err == ERR_NONE &&
			  (!made || files_give(path, &owner).err == ERR_NONE);
	explicit_bzero(key, sizeof key);
	explicit_bzero(text, strlen(text));
	if (!good)
		return cannot(cli, path);
	note(cli, answer, path, made);
	return CLI_OK;
}

/* The web role's group may pass through; the vault sees to each socket's own mode. */
static int make_socket_dir(struct cli *cli, json_t *answer)
{
	const char *path = cli->settings->vault_socket_dir;
	const struct files_owner owner = {cli->settings->vault_user, cli->settings->web_user};
	bool made = false;
	if (files_directory(path, 0710, &made).err != ERR_NONE ||
		(made && files_give(path, &owner).err != ERR_NONE))
		return cannot(cli, path);
	note(cli, answer, path, made);
	return CLI_OK;
}

int cmd_init(struct cli *cli)
{
	AUTO_JSON json_t *answer = json_object();
	int status = check_options(cli);
	if (status == CLI_OK)
		status = make_settings(cli, answer);
	if (status == CLI_OK)
		status = make_key(cli, answer);
	if (status == CLI_OK)
		status = make_socket_dir(cli, answer);
	if (status != CLI_OK)
		return status;
	cli_print(cli,
		"next: look through %s (issuer, databases, certificate), keep a copy of %s "
		"elsewhere,\n"
		"      then: pratu migrate; pratu serve; pratu doctor",
		cli->config, cli->settings->key_file);
	if (cli->json)
		cli_json(cli, answer);
	return CLI_OK;
}
