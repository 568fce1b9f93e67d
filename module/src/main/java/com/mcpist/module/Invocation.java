package com.mcpist.module;

import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** A request to run a tool, as the wire knows it: the call without its database. */
public interface Invocation {
  /** Who asks, which call this is, and which attempt at it. */
  Attempt attempt();

  /** The arguments, already valid by the tool's input schema. */
  ObjectNode arguments();

  /** What the client has answered to what the tool asked before. */
  Question.Answers answers();

  /**
   * Tells the client how far the work is, where the client asked to be told; else does nothing.
   * Progress increases each time; total is 0 where it is not known; the message is short, or empty.
   */
  void progress(double progress, double total, String message);

  /**
   * Tells the client something about the work, text or any JSON and never a secret, where the
   * client asked for messages of that level; else does nothing. The logger is a part of the module.
   */
  void log(LogLevel level, String logger, JsonNode data);

  /** How long it is until the attempt's deadline; empty where there is none. */
  default Optional<Duration> timeLeft() {
    return Optional.ofNullable(attempt().deadline())
        .map(deadline -> Duration.between(Instant.now(), deadline));
  }

  /** Says that the call has what it needs to run, so that the answer may begin before it ends. */
  default void started() {}

  /** Whether the client has given up, or the attempt's deadline has passed: stop if you can. */
  boolean cancelled();

  /** How much a log message for the client matters, from least to most, as in syslog. */
  enum LogLevel {
    DEBUG,
    INFO,
    NOTICE,
    WARNING,
    ERROR,
    CRITICAL,
    ALERT,
    EMERGENCY;
  }

  /**
   * One attempt at a call, whose key all attempts share; after the deadline it may have no effect,
   * null where the edge sets none.
   */
  record Attempt(Key key, Sending sending, @Nullable Instant deadline) {
    /** As many attempts as an edge makes of one sending at most. */
    private static final int RANGE = 64;

    /** Numbers stay below a billion, as the ledger's fence reads them. */
    private static final int MOST_RANGES = 15_000_000;

    private static final Duration KEPT = Duration.ofMinutes(15);
    private static final Pattern UUID_V7 =
        Pattern.compile("[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}");

    /** Of the first sending of a call, or of one under a client's own key. */
    public Attempt(Key key, int number, @Nullable Instant deadline) {
      this(key, new Sending(key.id(), key.index(), number), deadline);
    }

    /** The same attempt, at the call of an edge that its sending is. */
    public Attempt at(String callId, int index) {
      return new Attempt(new Key(key.user(), callId, index, false), sending, deadline);
    }

    /**
     * 1 for a call's first attempt. Each further sending of an edge's call has a range of numbers
     * of its own, above those of the sendings before it: by the milliseconds between their ids.
     */
    public int number() {
      if (key.fromClient() || key.id().equals(sending.callId())) {
        return sending.attempt();
      }
      long range = time(sending.callId()).orElse(0) - time(key.id()).orElse(0);
      return Math.clamp(range, 1, MOST_RANGES) * RANGE + Math.min(sending.attempt(), RANGE);
    }

    /** Until when a further sending may run, null where the call has no limit of that kind. */
    public @Nullable Instant until() {
      return key.fromClient() || number() <= RANGE ? null : until(key.id());
    }

    /** Until when the key of an edge's call may be used; long ago where the id has no time. */
    public static Instant until(String callId) {
      return Instant.ofEpochMilli(time(callId).orElse(0)).plus(KEPT);
    }

    /** Milliseconds since 1970, where it is as an edge makes ids: a UUID of version 7. */
    public static OptionalLong time(String callId) {
      return UUID_V7.matcher(callId).matches()
          ? OptionalLong.of(HexFormat.fromHexDigitsToLong(callId.replace("-", ""), 0, 12))
          : OptionalLong.empty();
    }

    /**
     * What makes two attempts the same call: the user that the edge has authenticated, {@code
     * local} where nobody is; the key that the client gave, or else the id of the edge's call; the
     * position in a batch, 0 outside one.
     */
    public record Key(String user, String id, int index, boolean fromClient) {}

    /**
     * One request of a client: its id by the edge, the position in a batch, and which attempt at it
     * this is, from 1 on.
     */
    public record Sending(String callId, int index, int attempt) {}
  }
}
