package com.mcpist.origin.mcp;

import com.fasterxml.uuid.Generators;
import com.fasterxml.uuid.impl.TimeBasedEpochGenerator;
import com.mcpist.module.Invocation.Attempt;
import java.time.Instant;
import java.util.List;
import java.util.OptionalLong;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Which attempt a request is, and at which call: by its headers, and the key in its _meta. */
final class Attempts {
  private static final TimeBasedEpochGenerator IDS = Generators.timeBasedEpochGenerator();
  private static final Pattern NUMBER = Pattern.compile("[0-9]{1,18}");

  private Attempts() {}

  /**
   * The attempt that a user's POST makes, by its headers. Without an edge, as in development, it is
   * the first attempt at a call of its own. Throws RpcException when a header is not as it must be.
   */
  static Attempt of(String user, Exchange.Headers headers) throws RpcException {
    String named = headers.get("X-Call-Id");
    String callId = named != null ? named : minted();
    String key = headers.get("Idempotency-Key");
    for (String id : key == null ? List.of(callId) : List.of(callId, key)) {
      if (!Message.IS_KEY.matcher(id).matches()) {
        throw RpcException.invalidRequest("Idempotency-Key" + RpcException.KEY_FORM);
      }
    }
    OptionalLong number = number(headers, "X-Attempt");
    OptionalLong deadline = number(headers, "X-Deadline");
    int attempt = Math.clamp(number.orElse(1), 1, Integer.MAX_VALUE);
    return new Attempt(
        key == null ? new Attempt.Key(user, callId, 0, false) : key(user, key, 0),
        new Attempt.Sending(callId, 0, attempt),
        deadline.isPresent() ? Instant.ofEpochMilli(deadline.getAsLong()) : null);
  }

  /** Of what has no header that is not as it must be, or else has run nothing. */
  static Attempt headed(String user, Exchange.Headers headers) {
    try {
      return of(user, headers);
    } catch (RpcException e) {
      return new Attempt(new Attempt.Key(user, minted(), 0, false), 1, null);
    }
  }

  /** The same attempt at the request at its place in a batch, by the key that it has in _meta. */
  static Attempt named(Message.Request request, Attempt attempt, int index) {
    Attempt.Key key = attempt.key();
    return new Attempt(
        request
            .key()
            .map(given -> key(key.user(), given, index))
            .orElse(new Attempt.Key(key.user(), key.id(), index, key.fromClient())),
        new Attempt.Sending(attempt.sending().callId(), index, attempt.sending().attempt()),
        attempt.deadline());
  }

  /** A key of ours is an edge's call, which has an id with a time; any other is the client's. */
  private static Attempt.Key key(String user, String given, int index) {
    String callId =
        given.startsWith(Message.OUR_KEY) ? given.substring(Message.OUR_KEY.length()) : "";
    return Attempt.time(callId).isPresent()
        ? new Attempt.Key(user, callId, index, false)
        : new Attempt.Key(user, given, index, true);
  }

  /** An id that sorts by time; also a correlation id for errors. */
  static String minted() {
    return IDS.generate().toString();
  }

  private static OptionalLong number(Exchange.Headers headers, String name) throws RpcException {
    @Nullable String value = headers.get(name);
    if (value == null) {
      return OptionalLong.empty();
    }
    if (!NUMBER.matcher(value).matches()) {
      throw RpcException.invalidRequest(name + " must be a number");
    }
    return OptionalLong.of(Long.parseLong(value));
  }
}
