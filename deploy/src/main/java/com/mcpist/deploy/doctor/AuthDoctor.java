package com.mcpist.deploy.doctor;

import module java.base;

import com.mcpist.deploy.admin.AdminPath;
import com.mcpist.deploy.admin.AdminPath.AdminException;
import com.mcpist.deploy.admin.Clients;
import com.mcpist.deploy.config.Auth.Tokens;
import com.mcpist.deploy.config.ConfigException;
import com.mcpist.deploy.doctor.Doctor.Diagnosis;
import com.mcpist.deploy.edgeclient.EdgeConfig.Guard;
import com.mcpist.deploy.http.ApiClient;
import com.mcpist.deploy.http.ApiException;
import com.mcpist.deploy.http.Call;
import tools.jackson.databind.JsonNode;

/** Examines whom a deployment on platforms lets in. It changes nothing. */
record AuthDoctor(Doctor doctor, Optional<AdminPath> admin) {
  /** How long an edge waits for the same. */
  private static final Duration FETCH = Duration.ofSeconds(3);

  private static final String WHO = "who may call";
  private static final String KEYS = "API keys";
  private static final String ISSUER = "issuer of tokens";
  private static final String PAGE = "docs/operations/authentication.md";

  void examine(List<Diagnosis> found) throws InterruptedException {
    Guard guard;
    try {
      guard = Guard.inProduction(doctor.deployment(), doctor.environment());
    } catch (ConfigException e) {
      found.add(Diagnosis.failed(WHO, e));
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
      found.add(keys(admin.get(), guard.tokens().isPresent()));
    }
    if (guard.tokens().isPresent()) {
      tokens(guard.tokens().get(), found);
    }
  }

  private Diagnosis keys(AdminPath path, boolean others) throws InterruptedException {
    try {
      long working = new Clients(path).keys(1, doctor.limit()).working();
      return working > 0 || others
          ? Diagnosis.good(KEYS, working + (working == 1 ? " works" : " work"))
          : Diagnosis.weak(
              KEYS, "none that works: nobody may call", "Make one: mcpist keys create NAME");
    } catch (AdminException e) {
      return Diagnosis.weak(KEYS, String.valueOf(e.getMessage()), "See what the message says");
    }
  }

  private void tokens(Tokens.Issuer issuer, List<Diagnosis> found) throws InterruptedException {
    if (!issuer.issuer().startsWith("https://")) {
      found.add(
          Diagnosis.weak(
              ISSUER,
              issuer.issuer() + " is no address with https://",
              "Clients that look for it there may be sent to somebody else: use one that has"
                  + " https://"));
    }
    if (issuer.audience().filter(Tokens.Supabase.AUTHENTICATED::equals).isPresent()) {
      found.add(
          Diagnosis.weak(
              "audience of tokens",
              "authenticated: a token that Supabase has made for any other app of the project lets"
                  + " its holder in, and with anonymous sign-ins anybody can get one",
              "Set audience to this server's address, and let the project put it into tokens: "
                  + PAGE));
    }
    found.add(published(URI.create(issuer.jwks())));
  }

  private Diagnosis published(URI jwks) throws InterruptedException {
    try {
      JsonNode keys = fetch(jwks).path("keys");
      long usable = keys.valueStream().map(IssuerKey::new).filter(IssuerKey::isUsable).count();
      return usable > 0
          ? Diagnosis.good(
              ISSUER, usable + (usable == 1 ? " usable key at " : " usable keys at ") + jwks)
          : Diagnosis.bad(
              ISSUER,
              "no usable key at " + jwks,
              "It needs one for RS256, PS256, ES256 or EdDSA (an RSA key of 2048 bits or more),"
                  + " whose use, key_ops and alg, where it has them, say so; at Supabase, move"
                  + " the project from its shared secret to signing keys");
    } catch (ApiException e) {
      return Diagnosis.bad(
          ISSUER,
          jwks + ": " + e.getMessage(),
          "Check jwks in mcpist.yml: the issuer's documentation has the address");
    }
  }

  private JsonNode fetch(URI jwks) throws ApiException, InterruptedException {
    String query = jwks.getRawQuery() == null ? "" : "?" + jwks.getRawQuery();
    return new ApiClient(jwks, Optional.empty(), List.of(), FETCH, doctor.time())
        .send(Call.get("read the issuer's keys", query), doctor.limit())
        .body();
  }

  /** A key of an issuer's set (RFC 7517), judged as both edges judge it. */
  record IssuerKey(JsonNode json) {
    private static final int LEAST_RSA_BITS = 2048;
    private static final int CURVE_BYTES = 32;

    boolean isUsable() {
      return isForSignatures()
          && (isAbsent("kid") || json.path("kid").isString())
          && switch (text("kty") + " " + text("crv")) {
            case "RSA " ->
                isOf("RS256", "PS256")
                    && new BigInteger(1, bytes("n")).bitLength() >= LEAST_RSA_BITS
                    && bytes("e").length > 0;
            case "EC P-256" -> isOf("ES256") && isCoordinate("x") && isCoordinate("y");
            // Ed25519 as a name of the algorithm (RFC 9864) is newer than what the edges go by.
            case "OKP Ed25519" -> isOf("EdDSA") && isCoordinate("x");
            default -> false;
          };
    }

    private boolean isForSignatures() {
      return (isAbsent("use") || text("use").equals("sig"))
          && (isAbsent("key_ops")
              || json.path("key_ops")
                  .valueStream()
                  .anyMatch(one -> one.asString("").equals("verify")));
    }

    private boolean isOf(String... algorithms) {
      return isAbsent("alg") || List.of(algorithms).contains(text("alg"));
    }

    private boolean isAbsent(String member) {
      JsonNode value = json.path(member);
      return value.isMissingNode() || value.isNull();
    }

    private boolean isCoordinate(String member) {
      return bytes(member).length == CURVE_BYTES;
    }

    /** None where it is no base64url. */
    private byte[] bytes(String member) {
      try {
        return Base64.getUrlDecoder().decode(text(member));
      } catch (IllegalArgumentException _) {
        return new byte[0];
      }
    }

    private String text(String member) {
      JsonNode value = json.path(member);
      return value.isString() ? value.asString() : "";
    }
  }
}
