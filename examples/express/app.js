// SPDX-License-Identifier: Apache-2.0
// An agency with Express and openid-client.
import { randomBytes, webcrypto } from "node:crypto";
import express from "express";
import session from "express-session";
import * as oidc from "openid-client";

globalThis.crypto ??= webcrypto; // Node.js 18 has it under this name alone
const { ISSUER = "https://localhost:8443", PORT = "9012" } = process.env;
const SECRET = process.env.CLIENT_SECRET ?? "replace-me-with-openssl-rand-base64-32";
const HERE = `http://localhost:${PORT}/`;
const pratu = await oidc.discovery(new URL(ISSUER), "express", SECRET);

const app = express();
const secret = randomBytes(32).toString("hex");
app.use(session({ secret, resave: false, saveUninitialized: false, cookie: { sameSite: "lax" } }));

app.get("/", async ({ session }, response) => {
	if (!session.tokens) return response.send('<a href="/login">Sign in</a>');
	const { access_token, claims } = session.tokens;
	const userinfo = await oidc.fetchUserInfo(pratu, access_token, claims.sub);
	const text = JSON.stringify({ id_token: claims, userinfo }, null, 2).replaceAll("<", "\\u003c");
	response.send(`<a href="/refresh">Refresh</a> <a href="/logout">Sign out</a><pre>${text}</pre>`);
});

app.get("/login", async ({ session }, response) => {
	const pkceCodeVerifier = oidc.randomPKCECodeVerifier();
	const url = oidc.buildAuthorizationUrl(pratu, {
		redirect_uri: HERE + "callback",
		scope: "openid profile email offline_access",
		code_challenge: await oidc.calculatePKCECodeChallenge(pkceCodeVerifier),
		code_challenge_method: "S256",
	});
	session.pending = { pkceCodeVerifier };
	response.redirect(url.href);
});

app.get("/callback", async (request, response) => {
	const { url, session } = request;
	const tokens = await oidc.authorizationCodeGrant(pratu, new URL(url, HERE), session.pending);
	session.regenerate(() => {
		request.session.tokens = { ...tokens, claims: tokens.claims() };
		response.redirect("/");
	});
});

app.get("/refresh", async ({ session }, response) => {
	const tokens = await oidc.refreshTokenGrant(pratu, session.tokens.refresh_token);
	Object.assign(session.tokens, tokens);
	response.redirect("/");
});

app.get("/logout", ({ session }, response) => {
	const end = { id_token_hint: session.tokens.id_token, post_logout_redirect_uri: HERE };
	session.destroy(() => response.redirect(oidc.buildEndSessionUrl(pratu, end).href));
});

app.use((fault, _request, response, _next) => {
	response.status(400).type("text").send(fault.error_description ?? fault.message);
});

app.listen(PORT, "localhost");
