package com.mcpist.deploy.http;

import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/** A call failed. The message is the vendor's, or says what happened, without any secret. */
public final class ApiException extends Exception {
  private static final long serialVersionUID = 1;

  private final transient Call call;
  private final Reason reason;
  private final int status;
  private final transient Optional<Duration> wait;
  private final transient Set<Integer> codes;

  /** What happened. */
  public enum Reason {
    /** No connection: nothing has been sent. */
    UNREACHABLE,
    /** The host's name has no address: nothing has been sent. */
    NO_ADDRESS,
    /** The host shows no certificate that can be trusted: nothing has been sent. */
    NO_CERTIFICATE,
    /** Sent, and the connection broke off: it may have acted. */
    CUT,
    /** Sent, and no answer came in time: it may have acted. */
    SILENT,
    /** The answer's status is an error. */
    STATUS,
    /** The answer cannot be read: it has acted. */
    UNREADABLE,
    /** There was no time left to send it, or to wait until it may be sent. */
    DEADLINE
  }

  ApiException(
      Call call,
      Reason reason,
      int status,
      Optional<Duration> wait,
      Set<Integer> codes,
      String message) {
    super(message);
    this.call = call;
    this.reason = reason;
    this.status = status;
    this.wait = wait;
    this.codes = Set.copyOf(codes);
  }

  ApiException(Call call, Reason reason, String message) {
    this(call, reason, 0, Optional.empty(), Set.of(), message);
  }

  /** The call. */
  public Call call() {
    return call;
  }

  /** What happened. */
  public Reason reason() {
    return reason;
  }

  /** The answer's status; 0 when there was none. */
  public int status() {
    return status;
  }

  /** How long the vendor asks to wait, where it says. */
  public Optional<Duration> askedWait() {
    return wait;
  }

  /** Whether the vendor has had too many requests: a 403 says so by asking to wait. */
  public boolean rateLimited() {
    return status == 429 || (status == 403 && wait.isPresent());
  }

  /** The numbers that the vendor gives what is wrong; none where it gives none. */
  public Set<Integer> codes() {
    return codes;
  }

  /** Whether the vendor may have done what it was asked to. */
  public boolean mayHaveActed() {
    return switch (reason) {
      case CUT, SILENT, UNREADABLE -> true;
      case STATUS -> status >= 500;
      case UNREACHABLE, NO_ADDRESS, NO_CERTIFICATE, DEADLINE -> false;
    };
  }

  /** Whether a repeatable call is worth another attempt. */
  boolean passing() {
    return switch (reason) {
      case CUT, SILENT, UNREACHABLE, NO_ADDRESS, NO_CERTIFICATE -> true;
      case STATUS -> status >= 500 || status == 408 || rateLimited();
      case UNREADABLE, DEADLINE -> false;
    };
  }

  /** Whether the call has certainly not been taken up, and may be made again whatever it is. */
  boolean untouched() {
    return switch (reason) {
      case UNREACHABLE, NO_ADDRESS, NO_CERTIFICATE -> true;
      case CUT, SILENT, STATUS, UNREADABLE, DEADLINE -> rateLimited();
    };
  }
}
