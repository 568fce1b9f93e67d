package com.mcpist.deploy.config;

import module java.base;

public sealed interface Auth {
  /** Everybody, and nobody is asked. Only where the file says so, or on this machine. */
  record None() implements Auth {}

  record Required(boolean keys, Optional<Tokens> tokens) implements Auth {}

  sealed interface Tokens {
    /** Without an audience, the claim aud must have what Supabase puts there by itself. */
    record Supabase(Optional<String> audience, List<String> scopes) implements Tokens {
      /** What mcpist.yml calls it: an issuer, and where its keys are. */
      static final String WORD = "supabase";

      public static final String URL = "SUPABASE_URL";

      /** What Supabase puts into aud by itself: that somebody has signed in, not to what. */
      public static final String AUTHENTICATED = "authenticated";

      /** Fails where the environment does not have the address, or a wrong one. */
      public Issuer issuer(Map<String, String> environment) {
        String url = environment.getOrDefault(URL, "").strip().replaceAll("/+$", "");
        if (url.isEmpty()) {
          throw new ConfigException(
              DeploymentFile.NAME,
              "auth names supabase, and SUPABASE_URL is not set: set it to the project's address,"
                  + " such as https://abcd.supabase.co");
        }
        if (!DeploymentSchema.isUrl(url)) {
          throw new ConfigException(
              DeploymentFile.NAME,
              "auth names supabase, and SUPABASE_URL must be the project's address, such as"
                  + " https://abcd.supabase.co, with https:// and without a path");
        }
        String auth = url + "/auth/v1";
        Optional<String> expected = Optional.of(audience.orElse(AUTHENTICATED));
        return new Issuer(auth, auth + "/.well-known/jwks.json", expected, scopes);
      }
    }

    /** The claim iss is the issuer to the letter; the audience is else the server's address. */
    record Issuer(String issuer, String jwks, Optional<String> audience, List<String> scopes)
        implements Tokens {}
  }

  Auth KEYS = new Required(true, Optional.empty());

  public record Admission(boolean keys, boolean tokens) {
    public static final Admission OPEN = new Admission(false, false);

    public static Admission of(Auth auth) {
      return switch (auth) {
        case Auth.None() -> OPEN;
        case Auth.Required required ->
            new Admission(required.keys(), required.tokens().isPresent());
      };
    }

    public boolean open() {
      return !keys && !tokens;
    }
  }
}
