package com.mcpist.deploy.doctor;

import com.mcpist.deploy.admin.AdminException;
import com.mcpist.deploy.admin.AdminPath;
import com.mcpist.deploy.admin.Clients;
import com.mcpist.deploy.config.Auth.Tokens;
import com.mcpist.deploy.config.ConfigException;
import com.mcpist.deploy.config.Deployment;
import com.mcpist.deploy.edge.Guard;
import com.mcpist.deploy.http.ApiClient;
import com.mcpist.deploy.http.ApiException;
import com.mcpist.deploy.http.Call;
import com.mcpist.deploy.time.Deadline;
import com.mcpist.deploy.time.Time;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * Examines whom a deployment on platforms lets in. It changes nothing.
 *
 * @param environment where SUPABASE_URL is
 * @param admin the origins' admin path, where it answers
 */
record AuthDoctor(
    Deployment deployment, Map<String, String> environment, Optional<AdminPath> admin, Time time) {
  private static final Duration LIMIT = Duration.ofSeconds(20);

  /** How long an edge waits for the same. */
  private static final Duration FETCH = Duration.ofSeconds(3);

  /** Origins count them all; one of an earlier release only lists the newest. */
  private static final int MOST_KEYS = 1000;

  private static final String WHO = "who may call";
  private static final String KEYS = "API keys";
  private static final String ISSUER = "issuer of tokens";
  private static final String AUDIENCE = "audience of tokens";
  private static final String PAGE = "docs/operations/authentication.md";

  AuthDoctor {
    environment = Map.copyOf(environment);
  }

  void examine(List<Diagnosis> found) throws InterruptedException {
    Guard guard;
    try {
      guard = Guard.inProduction(deployment, environment);
    } catch (ConfigException e) {
      found.add(Diagnosis.bad(WHO, String.valueOf(e.getMessage()), "See what the message says"));
      return;
    }
    if (guard.isOpen()) {
      found.add(
          Diagnosis.weak(
              WHO,
              "everybody: whoever finds the address may use the tools (auth: none)",
              "Ask for keys or tokens: " + PAGE));
      return;
    }
    if (guard.keys() && admin.isPresent()) {
      keys(admin.get(), guard.tokens().isPresent(), found);
    }
    if (guard.tokens().isPresent()) {
      issuer(guard.tokens().get(), found);
    }
  }

  private void keys(AdminPath path, boolean others, List<Diagnosis> found)
      throws InterruptedException {
    try {
      long working = new Clients(path).keys(MOST_KEYS, time.wall(), limit()).working();
      found.add(
          working > 0 || others
              ? Diagnosis.good(KEYS, working + (working == 1 ? " works" : " work"))
              : Diagnosis.weak(
                  KEYS, "none that works: nobody may call", "Make one: mcpist keys create NAME"));
    } catch (AdminException e) {
      found.add(Diagnosis.weak(KEYS, String.valueOf(e.getMessage()), "See what the message says"));
    }
  }

  private void issuer(Tokens.Issuer issuer, List<Diagnosis> found) throws InterruptedException {
    if (!issuer.issuer().startsWith("https://")) {
      found.add(
          Diagnosis.weak(
              ISSUER,
              issuer.issuer() + " is no address with https://",
              "Clients that look for it there may be sent to somebody else: use one that has"
                  + " https://"));
    }
    audience(issuer, found);
    published(URI.create(issuer.jwks()), found);
  }

  private static void audience(Tokens.Issuer issuer, List<Diagnosis> found) {
    if (issuer.audience().filter(Tokens.Supabase.AUTHENTICATED::equals).isPresent()) {
      found.add(
          Diagnosis.weak(
              AUDIENCE,
              "authenticated: a token that Supabase has made for any other app of the project lets"
                  + " its holder in, and anybody is one where the project has anonymous sign-ins",
              "Set audience to this server's address, and let the project put it into tokens: "
                  + PAGE));
    }
  }

  private void published(URI jwks, List<Diagnosis> found) throws InterruptedException {
    try {
      JsonNode keys = fetch(jwks).path("keys");
      long usable = keys.valueStream().map(IssuerKey::new).filter(IssuerKey::isUsable).count();
      found.add(
          usable > 0
              ? Diagnosis.good(
                  ISSUER, usable + (usable == 1 ? " usable key at " : " usable keys at ") + jwks)
              : Diagnosis.bad(
                  ISSUER,
                  "no usable key at " + jwks,
                  "It needs one for RS256, PS256, ES256 or EdDSA (an RSA key of 2048 bits or more),"
                      + " whose use, key_ops and alg, where it has them, say so; at Supabase, move"
                      + " the project from its shared secret to signing keys"));
    } catch (ApiException e) {
      found.add(
          Diagnosis.bad(
              ISSUER,
              jwks + ": " + e.getMessage(),
              "Check jwks in mcpist.yml: the issuer's documentation has the address"));
    }
  }

  private JsonNode fetch(URI jwks) throws ApiException, InterruptedException {
    URI base = URI.create(jwks.getScheme() + "://" + jwks.getRawAuthority());
    String query = jwks.getRawQuery() == null ? "" : "?" + jwks.getRawQuery();
    return new ApiClient(base, Optional.empty(), List.of(), FETCH, time)
        .send(Call.get("read the issuer's keys", jwks.getRawPath() + query), limit())
        .body();
  }

  private Deadline limit() {
    return Deadline.in(LIMIT, time);
  }

  /** The environment without values, since some are secrets. */
  @Override
  public String toString() {
    return "AuthDoctor[" + deployment.service() + "]";
  }
}
