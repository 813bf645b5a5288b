// SPDX-License-Identifier: Apache-2.0
package agency;

import java.time.Duration;
import java.util.Map;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClient;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClientManager;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClientProviderBuilder;
import org.springframework.security.oauth2.client.annotation.RegisteredOAuth2AuthorizedClient;
import org.springframework.security.oauth2.client.oidc.web.logout.OidcClientInitiatedLogoutSuccessHandler;
import org.springframework.security.oauth2.client.registration.ClientRegistrationRepository;
import org.springframework.security.oauth2.client.web.DefaultOAuth2AuthorizedClientManager;
import org.springframework.security.oauth2.client.web.OAuth2AuthorizedClientRepository;
import org.springframework.security.oauth2.core.oidc.user.OidcUser;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.csrf.CsrfToken;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.servlet.view.RedirectView;
import org.springframework.web.util.HtmlUtils;

/** An agency with Spring Security; application.yml has its client. */
@SpringBootApplication
@RestController
public class Agency {
	public static void main(String[] args) {
		SpringApplication.run(Agency.class, args);
	}

	@Bean
	SecurityFilterChain security(HttpSecurity http, ClientRegistrationRepository clients) throws Exception {
		var signOut = new OidcClientInitiatedLogoutSuccessHandler(clients);
		signOut.setPostLogoutRedirectUri("{baseUrl}");
		return http
				.authorizeHttpRequests(requests -> requests.requestMatchers("/").permitAll().anyRequest().authenticated())
				.oauth2Login(login -> login.defaultSuccessUrl("/", true))
				.logout(logout -> logout.logoutSuccessHandler(signOut))
				.build();
	}

	/** Refreshes what lives for five minutes or less, which is every access token: to show that it works. */
	@Bean
	OAuth2AuthorizedClientManager manager(ClientRegistrationRepository clients, OAuth2AuthorizedClientRepository authorized) {
		var manager = new DefaultOAuth2AuthorizedClientManager(clients, authorized);
		manager.setAuthorizedClientProvider(OAuth2AuthorizedClientProviderBuilder.builder()
				.refreshToken(refresh -> refresh.clockSkew(Duration.ofMinutes(5))).build());
		return manager;
	}

	@GetMapping("/")
	String home(@AuthenticationPrincipal OidcUser user, CsrfToken csrf) {
		if (user == null)
			return "<a href=/oauth2/authorization/pratu>Sign in</a>";
		var known = Map.of("id_token", user.getIdToken().getClaims(), "userinfo", user.getUserInfo().getClaims());
		return "<a href=/refresh>Refresh</a> <form action=/logout method=post><button>Sign out</button>"
				+ "<input type=hidden name=_csrf value=%s></form><pre>%s</pre>"
				.formatted(csrf.getToken(), HtmlUtils.htmlEscape(known.toString()));
	}

	@GetMapping("/refresh")
	RedirectView refresh(@RegisteredOAuth2AuthorizedClient("pratu") OAuth2AuthorizedClient client) {
		return new RedirectView("/");
	}
}
