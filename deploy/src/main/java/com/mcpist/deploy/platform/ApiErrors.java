package com.mcpist.deploy.platform;

import com.mcpist.deploy.http.ApiClient;
import com.mcpist.deploy.http.ApiException;
import com.mcpist.deploy.platform.PlatformException.Kind;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Optional;

/**
 * From what happened to a call to what a person is told.
 *
 * @param place what in mcpist.yml says where things are there, as {@code app and service}
 */
public record ApiErrors(String platform, String token, String place, Map<Integer, Known> known) {
  public record Known(Kind kind, String advice) {}

  public ApiErrors(String platform, String token, String place) {
    this(platform, token, place, Map.of());
  }

  public PlatformException of(ApiException e) {
    return known(e)
        .map(meant -> error(meant.kind(), e, meant.advice()))
        .orElseGet(() -> error(kind(e), e, advice(e)));
  }

  private Optional<Known> known(ApiException e) {
    return e.codes().stream()
        .flatMap(code -> Optional.ofNullable(known.get(code)).stream())
        .findFirst();
  }

  /** The error of a change that is known, from the platform's state, not to have happened. */
  public PlatformException notActed(ApiException e) {
    Kind kind = kind(e);
    return kind == Kind.UNKNOWN_OUTCOME
        ? error(
            kind,
            e,
            "The platform does not show that it has acted: run it again, it looks first at what"
                + " is there")
        : of(e);
  }

  private PlatformException error(Kind kind, ApiException e, String advice) {
    return new PlatformException(
        kind, platform, e.call().name(), String.valueOf(e.getMessage()), advice);
  }

  private static Kind kind(ApiException e) {
    Kind failed =
        e.mayHaveActed() && !e.call().repeatable() ? Kind.UNKNOWN_OUTCOME : Kind.UNAVAILABLE;
    return switch (e.reason()) {
      case UNREACHABLE, NO_ADDRESS, NO_CERTIFICATE -> Kind.UNAVAILABLE;
      case CUT, SILENT, UNREADABLE -> failed;
      case DEADLINE -> Kind.DEADLINE;
      case STATUS ->
          switch (e.status()) {
            case 401 -> Kind.UNAUTHORIZED;
            case 403 -> e.rateLimited() ? Kind.RATE_LIMITED : Kind.UNAUTHORIZED;
            case 404 -> Kind.NOT_FOUND;
            case 409, 412, 423 -> Kind.CONFLICT;
            case 429 -> Kind.RATE_LIMITED;
            case 408 -> Kind.UNAVAILABLE;
            default -> e.status() >= 500 ? failed : Kind.REJECTED;
          };
    };
  }

  private String advice(ApiException e) {
    return switch (kind(e)) {
      case UNAUTHORIZED ->
          e.status() == 401
              ? "Check " + token + ": it is wrong, or has expired"
              : "The token in " + token + " may not do this: make one that may";
      case NOT_FOUND ->
          "Check " + place + " in mcpist.yml, and that " + token + " is of the same organization";
      case CONFLICT -> "Somebody else is changing it: wait until they are done, and run it again";
      case RATE_LIMITED ->
          "Too many requests: run it again "
              + e.askedWait()
                  .map(wait -> "in " + ApiClient.seconds(wait.truncatedTo(ChronoUnit.SECONDS)))
                  .orElse("in a minute");
      case UNKNOWN_OUTCOME -> "It may have acted: run it again, it looks first at what is there";
      case DEADLINE -> "Run it again, it goes on where it was, or allow it more time";
      case UNAVAILABLE ->
          e.mayHaveActed() && !e.call().reads()
              ? "Run it again in a while: it may have acted, and a second time does no harm"
              : "Nothing has been changed by this call: run it again in a while";
      case REJECTED, FAILED -> "It would be refused again: change what it names, and run it again";
    };
  }
}
