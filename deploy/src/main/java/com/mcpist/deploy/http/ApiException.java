package com.mcpist.deploy.http;

import module java.base;

import tools.jackson.databind.JsonNode;

/**
 * Thrown when a call has failed. The message is the vendor's, or says what happened, and contains
 * no secret.
 */
public final class ApiException extends Exception {
  private static final int LONGEST = 300;

  private final transient Call call;
  private final Reason reason;
  private final int status;
  private final transient Optional<Duration> wait;
  private final transient Set<Integer> codes;

  public enum Reason {
    /** No connection was made: nothing has been sent. */
    UNREACHABLE,
    /** The host's name has no address: nothing has been sent. */
    NO_ADDRESS,
    /** The host shows no certificate, or none that can be trusted: nothing has been sent. */
    NO_CERTIFICATE,
    /** The call was sent, and the connection broke off: the call may have acted. */
    CUT,
    /** The call was sent, and no answer came in time: the call may have acted. */
    SILENT,
    STATUS,
    /** The answer cannot be read: the call has acted. */
    UNREADABLE,
    /** No time was left to send the call, or to wait until it could be sent. */
    DEADLINE
  }

  ApiException(Call call, Reason reason, String message) {
    super(message);
    this.call = call;
    this.reason = reason;
    this.status = 0;
    this.wait = Optional.empty();
    this.codes = Set.of();
  }

  ApiException(Call call, int status, Optional<Duration> wait, JsonNode body, String said) {
    super("HTTP " + status + (said.isEmpty() ? "" : ": " + said));
    this.call = call;
    this.reason = Reason.STATUS;
    this.status = status;
    this.wait = wait;
    this.codes =
        body.path("errors")
            .valueStream()
            .map(error -> error.path("code"))
            .filter(JsonNode::isInt)
            .map(JsonNode::asInt)
            .collect(Collectors.toUnmodifiableSet());
  }

  static String said(JsonNode json, String text) {
    List<String> parts = new ArrayList<>();
    for (JsonNode node :
        List.of(json.path("message"), json.path("error"), json.path("error").path("message"))) {
      add(parts, node, "");
    }
    for (JsonNode error : json.path("errors")) {
      JsonNode code = error.path("code");
      add(parts, error.path("message"), code.isInt() ? " (" + code.asInt() + ")" : "");
    }
    for (JsonNode field : json.path("fields")) {
      parts.add(field.path("field").asString("") + " " + field.path("description").asString(""));
    }
    String said = String.join("; ", parts).replaceAll("\\s+", " ");
    if (json.isMissingNode()) {
      // A page of HTML is not a vendor's message.
      said = text.lines().findFirst().filter(line -> !line.startsWith("<")).orElse("").strip();
    }
    return said.length() > LONGEST ? said.substring(0, LONGEST) + "…" : said;
  }

  private static void add(List<String> parts, JsonNode node, String code) {
    if (node.isString() && !node.asString().isBlank() && !parts.contains(node.asString())) {
      parts.add(node.asString().strip() + code);
    }
  }

  public Call call() {
    return call;
  }

  public Reason reason() {
    return reason;
  }

  /** Returns true if there was an answer, even one that could not be read. */
  public boolean answered() {
    return status > 0 || reason == Reason.UNREADABLE;
  }

  public int status() {
    return status;
  }

  public Optional<Duration> askedWait() {
    return wait;
  }

  /** Returns true if the vendor has had too many requests. A 403 says so by asking to wait. */
  public boolean rateLimited() {
    return status == 429 || (status == 403 && wait.isPresent());
  }

  public Set<Integer> codes() {
    return codes;
  }

  public boolean mayHaveActed() {
    return switch (reason) {
      case CUT, SILENT, UNREADABLE -> true;
      case STATUS -> status >= 500;
      case UNREACHABLE, NO_ADDRESS, NO_CERTIFICATE, DEADLINE -> false;
    };
  }

  public boolean passing() {
    return switch (reason) {
      case CUT, SILENT, UNREACHABLE, NO_ADDRESS, NO_CERTIFICATE -> true;
      case STATUS -> status >= 500 || status == 408 || rateLimited();
      case UNREADABLE, DEADLINE -> false;
    };
  }

  /**
   * Returns true if the call has certainly not been handled. Such a call may be made again even if
   * it is not repeatable.
   */
  boolean untouched() {
    return switch (reason) {
      case UNREACHABLE, NO_ADDRESS, NO_CERTIFICATE -> true;
      case CUT, SILENT, STATUS, UNREADABLE, DEADLINE -> rateLimited();
    };
  }
}
