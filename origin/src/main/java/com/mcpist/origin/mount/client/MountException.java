package com.mcpist.origin.mount.client;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Why a request has no result. The message is for people, and has no secret. The error with which a
 * server answered a request has the server's whole text, which is for the client. Any other message
 * is cut to 500 characters, since the last one of a server is kept.
 */
public final class MountException extends Exception {
  private static final long serialVersionUID = 1L;

  /** JSON-RPC's code of an error within the server. */
  private static final int INTERNAL_ERROR = -32603;

  private static final int LONGEST_MESSAGE = 500;

  /** The kinds of failed requests, by what is known of the request. */
  public enum Kind {
    /** The server has not run it. */
    NOT_SENT,
    /** It was sent, and has no answer: the server may have run it. */
    UNKNOWN,
    /** The server answered with an error of JSON-RPC. */
    ANSWERED
  }

  private final Kind kind;
  private final int code;
  private final transient @Nullable JsonNode data;
  private final Duration retryAfter;

  private MountException(Kind kind, String message, int code, @Nullable JsonNode data) {
    this(kind, message, code, data, Duration.ZERO);
  }

  private MountException(
      Kind kind, String message, int code, @Nullable JsonNode data, Duration retryAfter) {
    super(message, null, false, false);
    this.kind = kind;
    this.code = code;
    this.data = data;
    this.retryAfter = retryAfter;
  }

  /** Cuts a text to 500 characters, but splits no character that Java keeps as two. */
  static String cut(String text) {
    if (text.length() <= LONGEST_MESSAGE) {
      return text;
    }
    boolean splits = Character.isHighSurrogate(text.charAt(LONGEST_MESSAGE - 1));
    return text.substring(0, LONGEST_MESSAGE - (splits ? 1 : 0));
  }

  public static MountException notSent(String message) {
    return new MountException(Kind.NOT_SENT, cut(message), 0, null);
  }

  /**
   * Returns the reason for a request that was not sent, since its user has had as much there as
   * there is room for.
   *
   * @param retryAfter the time after which the user may send the request again, more than zero
   */
  public static MountException crowded(String message, Duration retryAfter) {
    return new MountException(Kind.NOT_SENT, cut(message), 0, null, retryAfter);
  }

  public static MountException unknown(String message) {
    return new MountException(Kind.UNKNOWN, cut(message), 0, null);
  }

  public static MountException answered(int code, String message) {
    return new MountException(Kind.ANSWERED, message, code, null);
  }

  static MountException answered(ObjectNode error) {
    int code = error.path("code").asInt(INTERNAL_ERROR);
    return new MountException(
        Kind.ANSWERED, error.path("message").asString(""), code, error.get("data"));
  }

  @Override
  public String getMessage() {
    return String.valueOf(super.getMessage());
  }

  /** Returns the message, cut to 500 characters. */
  public String summary() {
    return cut(getMessage());
  }

  public Kind kind() {
    return kind;
  }

  /** Returns true if the request was not sent because its user has had as much as may be. */
  public boolean isCrowded() {
    return !retryAfter.isZero();
  }

  /** Returns the time after which a crowded user may send the request again, or zero. */
  public Duration retryAfter() {
    return retryAfter;
  }

  /** The code of JSON-RPC; 0 for the other kinds. */
  public int code() {
    return code;
  }

  public @Nullable JsonNode data() {
    return data;
  }
}
