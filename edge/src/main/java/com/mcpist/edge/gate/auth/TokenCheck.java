package com.mcpist.edge.gate.auth;

import com.mcpist.edge.gate.auth.Verdict.Caller;
import java.security.Key;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jose4j.jwa.AlgorithmConstraints;
import org.jose4j.jwa.AlgorithmConstraints.ConstraintType;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.jwt.JwtClaims;
import org.jose4j.jwt.MalformedClaimException;
import org.jose4j.jwt.NumericDate;
import org.jose4j.jwt.consumer.ErrorCodes;
import org.jose4j.jwt.consumer.InvalidJwtException;
import org.jose4j.jwt.consumer.JwtConsumer;
import org.jose4j.jwt.consumer.JwtConsumerBuilder;
import org.jose4j.jwx.JsonWebStructure;
import org.jose4j.lang.JoseException;
import org.jose4j.lang.UnresolvableKeyException;
import org.jspecify.annotations.Nullable;

/**
 * Checks whether a token is the issuer's, is for this server, and is valid now. The result depends
 * on the arguments alone.
 */
final class TokenCheck {
  private static final int LEEWAY_SECONDS = 30;
  private static final AlgorithmConstraints ALGORITHMS =
      new AlgorithmConstraints(ConstraintType.PERMIT, KeySet.ALGORITHMS.toArray(String[]::new));

  private final JwtSettings settings;

  TokenCheck(JwtSettings settings) {
    this.settings = settings;
  }

  /**
   * The result of a check. {@code until} is the time at which the token expires; {@link
   * Instant#MIN} if the token is refused.
   */
  record Result(Verdict verdict, Instant until) {
    static Result refused(Verdict.Reason reason) {
      return new Result(new Verdict.Refused(reason), Instant.MIN);
    }
  }

  /**
   * Returns the id of the key that signed the token; null if the token names none, or is no token
   * at all.
   */
  static @Nullable String keyId(String token) {
    try {
      return JsonWebStructure.fromCompactSerialization(token) instanceof JsonWebSignature signed
          ? signed.getKeyIdHeaderValue()
          : null;
    } catch (JoseException | RuntimeException e) {
      return null;
    }
  }

  Result check(String token, KeySet keys, Instant now) {
    try {
      JwtClaims claims = consumer(keys, now).processToClaims(token);
      return admitted(claims);
    } catch (InvalidJwtException e) {
      return Result.refused(reason(e));
    } catch (MalformedClaimException | RuntimeException e) {
      // The library passes on any exception that it did not foresee from a hostile token.
      return Result.refused(Verdict.Reason.INVALID);
    }
  }

  private JwtConsumer consumer(KeySet keys, Instant now) {
    return new JwtConsumerBuilder()
        .setJwsAlgorithmConstraints(ALGORITHMS)
        .setVerificationKeyResolver((signed, nesting) -> key(signed, keys))
        .setExpectedIssuer(true, settings.issuer())
        .setExpectedAudience(true, settings.audience())
        .setRequireSubject()
        .setRequireExpirationTime()
        .setIssuedAtRestrictions(0, Integer.MAX_VALUE)
        .setAllowedClockSkewInSeconds(LEEWAY_SECONDS)
        .setEvaluationTime(NumericDate.fromSeconds(now.getEpochSecond()))
        .build();
  }

  private static Key key(JsonWebSignature signed, KeySet keys) throws UnresolvableKeyException {
    if (signed.getHeaders().getObjectHeaderValue("crit") != null) {
      throw new UnresolvableKeyException("no extension of tokens is known here");
    }
    return keys.find(signed.getKeyIdHeaderValue(), signed.getAlgorithmHeaderValue())
        .orElseThrow(() -> new UnresolvableKeyException("no such key"));
  }

  private Result admitted(JwtClaims claims) throws MalformedClaimException {
    String subject = claims.getSubject();
    if (!Caller.maybe(subject)) {
      return Result.refused(Verdict.Reason.INVALID);
    }
    if (!scopes(claims).containsAll(settings.scopes())) {
      return Result.refused(Verdict.Reason.INSUFFICIENT_SCOPE);
    }
    Instant until = Instant.ofEpochSecond(claims.getExpirationTime().getValue() + LEEWAY_SECONDS);
    return new Result(new Verdict.Admitted(Caller.ofToken(subject)), until);
  }

  /**
   * Returns the scopes of a token. {@code scope} is a text with blanks (RFC 8693), and {@code scp}
   * is such a text or a list.
   */
  private static Set<String> scopes(JwtClaims claims) {
    Set<String> scopes = new HashSet<>();
    for (String claim : List.of("scope", "scp")) {
      switch (claims.getClaimValue(claim)) {
        case String text -> scopes.addAll(List.of(text.split(" ", -1)));
        case List<?> list -> list.forEach(scope -> scopes.add(String.valueOf(scope)));
        case null, default -> {}
      }
    }
    return scopes;
  }

  private static Verdict.Reason reason(InvalidJwtException failure) {
    if (failure.hasErrorCode(ErrorCodes.SIGNATURE_INVALID)) {
      return Verdict.Reason.INVALID;
    }
    if (failure.hasErrorCode(ErrorCodes.EXPIRED)) {
      return Verdict.Reason.EXPIRED;
    }
    boolean elsewhere =
        failure.hasErrorCode(ErrorCodes.AUDIENCE_INVALID)
            || failure.hasErrorCode(ErrorCodes.AUDIENCE_MISSING);
    return elsewhere ? Verdict.Reason.WRONG_AUDIENCE : Verdict.Reason.INVALID;
  }
}
