package com.mcpist.deploy.config;

import com.mcpist.deploy.config.Auth.Tokens;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Who may call, and how often. */
final class AuthReader {
  static final Set<String> AUTH = DeploymentReader.ordered("keys", "jwt");
  static final Set<String> JWT = DeploymentReader.ordered("issuer", "jwks", "audience", "scopes");
  static final Set<String> LIMITS =
      DeploymentReader.ordered(
          "address_per_minute", "user_per_second", "user_burst", "trusted_proxies");

  private static final int MOST = 1_000_000;

  private AuthReader() {}

  /** Whom the edge lets in; empty where the file does not say, or says it wrongly. */
  static Optional<Auth> auth(YamlMap top) {
    return top.either("auth", AUTH, AuthReader::required, none(new Auth.None(), "keys and jwt"));
  }

  private static Auth required(YamlMap map) {
    boolean keys = map.read("keys", Values::bool).orElse(true);
    Optional<Tokens> tokens = map.either("jwt", JWT, AuthReader::issuer, AuthReader::supabase);
    if (!keys && tokens.isEmpty()) {
      map.wrong("keys", "must be true where there is no jwt. To ask nobody, write auth: none");
    }
    return new Auth.Required(keys, tokens);
  }

  private static Tokens supabase(String text) throws WrongValueException {
    if (text.equals(SupabaseProject.WORD)) {
      return new Tokens.Supabase(Optional.empty(), List.of());
    }
    throw new WrongValueException(
        "must be supabase, or a mapping with issuer and jwks, not \"" + text + "\"");
  }

  private static Tokens issuer(YamlMap map) {
    Optional<String> issuer = map.read("issuer", AuthValues::issuer);
    Optional<String> audience = map.read("audience", AuthValues::audience);
    List<String> scopes = map.values("scopes", AuthValues::scope);
    if (issuer.filter(SupabaseProject.WORD::equals).isPresent()) {
      if (map.has("jwks")) {
        map.wrong("jwks", "must not stand where issuer is supabase: SUPABASE_URL says where it is");
      }
      return new Tokens.Supabase(audience, scopes);
    }
    for (String needed : List.of("issuer", "jwks")) {
      if (!map.has(needed)) {
        map.wrong(needed, "is needed where jwt is: the issuer's documentation has both");
      }
    }
    return new Tokens.Issuer(
        issuer.orElse(""), map.read("jwks", AuthValues::jwks).orElse(""), audience, scopes);
  }

  /** How much the edge lets through; empty where the file does not say, or says it wrongly. */
  static Optional<Limits> limits(YamlMap top) {
    return top.either(
        "limits",
        LIMITS,
        AuthReader::limitsOf,
        none(Limits.NONE, "limits such as user_per_second"));
  }

  private static Limits limitsOf(YamlMap map) {
    Limits standard = Limits.DEFAULT;
    return new Limits(
        map.read("address_per_minute", Values.integer(0, MOST)).orElse(standard.addressPerMinute()),
        map.read("user_per_second", Values.integer(0, MOST)).orElse(standard.userPerSecond()),
        map.read("user_burst", Values.integer(1, MOST)).orElse(standard.userBurst()),
        map.values("trusted_proxies", AuthValues::addressBlock));
  }

  private static <T> YamlMap.Reader<T> none(T value, String others) {
    return text -> {
      if (text.equals("none")) {
        return value;
      }
      throw new WrongValueException(
          "must be none, or a mapping of " + others + ", not \"" + text + "\"");
    };
  }
}
