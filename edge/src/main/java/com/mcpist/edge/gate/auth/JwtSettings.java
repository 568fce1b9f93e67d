package com.mcpist.edge.gate.auth;

import java.net.URI;
import java.util.Set;

/**
 * Whose tokens are taken.
 *
 * @param issuer the {@code iss} of each
 * @param jwks where the issuer's keys are, as a JSON Web Key Set
 * @param audience must be the {@code aud} of each, or among them
 * @param scopes that each must have; empty: none
 */
public record JwtSettings(String issuer, URI jwks, String audience, Set<String> scopes) {
  public JwtSettings {
    scopes = Set.copyOf(scopes);
  }
}
