package com.mcpist.edge.gate.auth;

import java.net.URI;
import java.util.Set;

/**
 * The settings of the tokens that are taken.
 *
 * @param issuer the {@code iss} of each token
 * @param jwks the address of the issuer's keys, as a JSON Web Key Set
 * @param audience the value that must be the {@code aud} of each token, or among its values
 * @param scopes the scopes that each token must have; empty if none
 */
public record JwtSettings(String issuer, URI jwks, String audience, Set<String> scopes) {
  public JwtSettings {
    scopes = Set.copyOf(scopes);
  }
}
