package com.mcpist.origin.mcp;

import com.fasterxml.uuid.Generators;
import com.fasterxml.uuid.impl.TimeBasedEpochGenerator;
import com.mcpist.origin.module.Attempt;
import java.time.Instant;
import java.util.OptionalLong;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads from the edge's headers which attempt at which call a POST is. */
public final class Attempts {
  private static final TimeBasedEpochGenerator IDS = Generators.timeBasedEpochGenerator();
  private static final Pattern KEY = Pattern.compile("[\\x21-\\x7e]{1,255}");
  private static final Pattern NUMBER = Pattern.compile("[0-9]{1,18}");

  private Attempts() {}

  /**
   * The attempt that a user's POST makes, with index 0. Without an edge, as in development, it is
   * the first attempt at a call of its own.
   *
   * @throws RpcException when a header is not as it must be
   */
  public static Attempt of(String user, Exchange.Headers headers) throws RpcException {
    String callId = headers.get("X-Call-Id");
    String clientKey = headers.get("Idempotency-Key");
    String id = clientKey != null ? clientKey : callId != null ? callId : minted();
    if (!KEY.matcher(id).matches()) {
      throw RpcException.invalidRequest(
          "Idempotency-Key must be 1 to 255 visible ASCII characters");
    }
    OptionalLong number = number(headers, "X-Attempt");
    OptionalLong deadline = number(headers, "X-Deadline");
    return new Attempt(
        new Attempt.Key(user, id, 0, clientKey != null),
        (int) Math.min(Math.max(number.orElse(1), 1), Integer.MAX_VALUE),
        deadline.isPresent() ? Instant.ofEpochMilli(deadline.getAsLong()) : null);
  }

  /** The same attempt at the message at another place of a batch. */
  public static Attempt at(Attempt attempt, int index) {
    Attempt.Key key = attempt.key();
    return new Attempt(
        new Attempt.Key(key.user(), key.id(), index, key.fromClient()),
        attempt.number(),
        attempt.deadline());
  }

  /** An id that sorts by time; also a correlation id for errors. */
  public static String minted() {
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
