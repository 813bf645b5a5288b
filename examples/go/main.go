// SPDX-License-Identifier: Apache-2.0

// An agency with go-oidc. What goes wrong ends its request: net/http recovers from the panic and logs it.
package main

import (
	"context"
	"flag"
	"html/template"
	"net/http"
	"net/url"
	"os"
	"sync"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

type visit struct {
	state, verifier, idToken string
	token                    *oauth2.Token
	Claims                   map[string]any
}

var page = template.Must(template.New("").Parse(`{{if .Claims}}<a href="/refresh">Refresh</a> <a href="/logout">Sign out</a><dl>{{range $name, $value := .Claims}}<dt>{{$name}}<dd>{{$value}}{{end}}</dl>{{else}}<a href="/login">Sign in</a>{{end}}`))

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

func main() {
	issuer := flag.String("issuer", "https://localhost:8443", "Pratu")
	here := flag.String("here", "http://localhost:9014/", "this agency")
	flag.Parse()
	ctx, random := context.Background(), oauth2.GenerateVerifier
	pratu := must(oidc.NewProvider(ctx, *issuer))
	config := oauth2.Config{ClientID: "go", ClientSecret: os.Getenv("CLIENT_SECRET"), Endpoint: pratu.Endpoint(), RedirectURL: *here + "callback",
		Scopes: []string{"openid", "profile", "email", "offline_access"}}
	var metadata struct{ End_session_endpoint string }
	must(0, pratu.Claims(&metadata))
	visits, lock := map[string]*visit{}, sync.Mutex{} // by the value of the browser's cookie
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		lock.Lock()
		defer lock.Unlock()
		v, next := &visit{}, *here
		if cookie, err := r.Cookie("visit"); err == nil && visits[cookie.Value] != nil {
			v = visits[cookie.Value]
		}
		switch r.URL.Path {
		case "/login":
			v = &visit{state: random(), verifier: random()}
			next = config.AuthCodeURL(v.state, oauth2.S256ChallengeOption(v.verifier))
		case "/callback":
			if v.state == "" || v.state != r.FormValue("state") || r.FormValue("error") != "" {
				http.Error(w, "No sign-in. "+r.FormValue("error_description"), http.StatusBadRequest)
				return
			}
			v = &visit{token: must(config.Exchange(ctx, r.FormValue("code"), oauth2.VerifierOption(v.verifier)))}
			v.idToken = v.token.Extra("id_token").(string)
			must(0, must(pratu.Verifier(&oidc.Config{ClientID: "go"}).Verify(ctx, v.idToken)).Claims(&v.Claims))
			must(0, must(pratu.UserInfo(ctx, oauth2.StaticTokenSource(v.token))).Claims(&v.Claims)) // joins them
		case "/refresh":
			v.token = must(config.TokenSource(ctx, &oauth2.Token{RefreshToken: v.token.RefreshToken}).Token())
		case "/logout":
			end := url.Values{"id_token_hint": {v.idToken}, "post_logout_redirect_uri": {*here}}
			v, next = &visit{}, metadata.End_session_endpoint+"?"+end.Encode()
		default:
			must(0, page.Execute(w, v))
			return
		}
		id := random() // a new cookie for a new state
		visits[id] = v
		http.SetCookie(w, &http.Cookie{Name: "visit", Value: id, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode})
		http.Redirect(w, r, next, http.StatusSeeOther)
	})
	must(0, http.ListenAndServe(must(url.Parse(*here)).Host, nil))
}
