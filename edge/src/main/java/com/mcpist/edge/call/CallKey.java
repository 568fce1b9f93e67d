package com.mcpist.edge.call;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What the origins know a call by. A client that has sent no key and is told that the outcome is
 * unknown is given one, in which the edge finds the call's id again: so the second call is another
 * attempt at the first. Pure.
 *
 * @param callId the id of the call
 * @param own the client's own key, which it has chosen itself
 * @param attemptsBefore more than an earlier call with this id can have made; a later attempt may
 *     end an earlier one, never the other way round
 */
record CallKey(String callId, Optional<String> own, int attemptsBefore) {
  private static final String PREFIX = "mcpist-";
  private static final Pattern GIVEN =
      Pattern.compile(
          PREFIX + "([0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12})");

  /**
   * The key of a call.
   *
   * @param idempotencyKey as the client sent it, if it did
   * @param newCallId for a call that is not one sent again
   */
  static CallKey of(@Nullable String idempotencyKey, String newCallId) {
    if (idempotencyKey == null) {
      return new CallKey(newCallId, Optional.empty(), 0);
    }
    Matcher given = GIVEN.matcher(idempotencyKey);
    return given.matches()
        ? new CallKey(given.group(1), Optional.empty(), Search.MAX_ATTEMPTS)
        : new CallKey(newCallId, Optional.of(idempotencyKey), 0);
  }

  /** Whether it is a call sent again with the key that the edge gave. */
  boolean isOfEarlierCall() {
    return attemptsBefore > 0;
  }

  /** The Idempotency-Key with which the client's next request is this call. */
  String forClient() {
    return own.orElse(PREFIX + callId);
  }
}
