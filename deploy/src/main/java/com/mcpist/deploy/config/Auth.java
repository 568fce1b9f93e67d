package com.mcpist.deploy.config;

import java.util.List;
import java.util.Optional;

/** Whom the edge lets in. */
public sealed interface Auth {
  /** Everybody, and nobody is asked. Only where the file says so, or on this machine. */
  record None() implements Auth {}

  /**
   * Whoever shows what is asked for; one of the two at least.
   *
   * @param keys whether an API key will do
   * @param tokens whose tokens will do; empty: no tokens
   */
  record Required(boolean keys, Optional<Tokens> tokens) implements Auth {}

  /** Who issues tokens. */
  sealed interface Tokens {
    /**
     * The Supabase project that SUPABASE_URL names.
     *
     * @param audience what the claim aud must have; empty: what Supabase puts there by itself
     * @param scopes which a token must all have
     */
    record Supabase(Optional<String> audience, List<String> scopes) implements Tokens {
      /** As given. */
      public Supabase {
        scopes = List.copyOf(scopes);
      }
    }

    /**
     * Somebody that issues JWTs.
     *
     * @param issuer what the claim iss must be, to the letter
     * @param jwks where its public keys are
     * @param audience what the claim aud must have; empty: the server's own address
     * @param scopes which a token must all have
     */
    record Issuer(String issuer, String jwks, Optional<String> audience, List<String> scopes)
        implements Tokens {
      /** As given. */
      public Issuer {
        scopes = List.copyOf(scopes);
      }
    }
  }

  /** API keys, and nothing else. */
  Auth KEYS = new Required(true, Optional.empty());
}
