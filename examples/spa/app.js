// SPDX-License-Identifier: Apache-2.0
// An agency's single-page application with oidc-client-ts: a public client, PKCE, tokens of this tab only.
const HERE = location.origin + location.pathname;
const manager = new oidc.UserManager({
	authority: ISSUER,
	client_id: "spa",
	redirect_uri: HERE,
	post_logout_redirect_uri: HERE,
	scope: "openid profile email offline_access",
	loadUserInfo: true, // the claims of UserInfo join those of the ID token
	filterProtocolClaims: ["nonce", "at_hash"],
});

function show(user) {
	for (const one of document.querySelectorAll("[data-when]"))
		one.hidden = one.dataset.when !== (user ? "in" : "out");
	document.getElementById("claims").textContent = user ? JSON.stringify(user.profile, null, 2) : "";
}

function on(id, action) {
	document.getElementById(id).addEventListener("click", () => action().catch(fail));
}

function fail(fault) {
	document.getElementById("claims").textContent = fault.message;
}

async function start() {
	const answer = new URLSearchParams(location.search);
	if (answer.has("state") && (answer.has("code") || answer.has("error"))) {
		history.replaceState(null, "", HERE);
		show(await manager.signinCallback(`${HERE}?${answer}`));
	} else {
		show(await manager.getUser());
	}
}

on("sign-in", () => manager.signinRedirect());
on("refresh", async () => show(await manager.signinSilent())); // by the refresh token
on("sign-out", () => manager.signoutRedirect());
start().catch(fail);
