package com.mcpist.deploy.platform;

import module java.base;

import com.mcpist.deploy.http.ApiClient;
import com.mcpist.deploy.http.ApiClient.Answer;
import com.mcpist.deploy.http.ApiException;
import com.mcpist.deploy.http.Call;
import com.mcpist.deploy.platform.PlatformException.Kind;
import com.mcpist.deploy.secret.Secret;
import com.mcpist.deploy.time.Deadline;
import com.mcpist.deploy.time.Time;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

public record VendorCalls(ApiClient client, ApiErrors errors) {
  /**
   * The number of times that the state is read to see whether a change whose answer is lost has
   * acted.
   */
  private static final int LOOKS = 3;

  private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(2);

  public interface Change<T> {
    T send() throws ApiException, InterruptedException;
  }

  public interface Made<T> {
    Optional<T> look() throws InterruptedException;
  }

  public static VendorCalls of(
      URI url, Token token, ApiErrors errors, Duration timeout, Time time) {
    Optional<Secret> header = Optional.of(token.header());
    return new VendorCalls(new ApiClient(url, header, token.hidden(), timeout, time), errors);
  }

  /**
   * Returns the vendor's own address unless a variable has another. Throws REJECTED if no secret
   * may be sent to the address.
   */
  public static URI address(
      String platform, Map<String, String> environment, String variable, URI vendor) {
    String other = environment.get(variable);
    if (other == null) {
      return vendor;
    }
    if (!mayBeSentTo(other)) {
      throw new PlatformException(
          Kind.REJECTED,
          platform,
          variable,
          "it must be an address that starts with https://",
          "Correct it, or unset it to speak to the vendor");
    }
    return URI.create(other.replaceAll("/+$", ""));
  }

  /**
   * Returns true if a secret may be sent to the address, which it may not be unencrypted over a
   * network.
   */
  public static boolean mayBeSentTo(String url) {
    return url.matches("https://[^@?#\\s]+|http://(127\\.0\\.0\\.1|localhost)[:/][^@?#\\s]*");
  }

  public JsonNode read(Call call, Deadline deadline) throws InterruptedException {
    return answer(call, deadline).body();
  }

  public Answer answer(Call call, Deadline deadline) throws InterruptedException {
    try {
      return client.send(call, deadline);
    } catch (ApiException e) {
      throw errors.of(e);
    }
  }

  public JsonNode send(Call call, Deadline deadline) throws ApiException, InterruptedException {
    return client.send(call, deadline).body();
  }

  /**
   * Sends a change once. If its outcome is unknown, {@code made} looks for what the change has
   * made.
   */
  public <T> T once(Change<T> change, Made<T> made, Deadline deadline) throws InterruptedException {
    try {
      return change.send();
    } catch (ApiException e) {
      for (int look = 0; look < LOOKS && e.mayHaveActed(); look++) {
        Optional<T> found = made.look();
        if (found.isPresent()) {
          return found.get();
        }
        deadline.sleep(BETWEEN_LOOKS);
      }
      throw errors.notActed(e);
    }
  }

  /** Returns the value if it is an object, and otherwise an empty object. */
  public static ObjectNode object(JsonNode json) {
    return json instanceof ObjectNode object ? object : Call.object();
  }

  public record Token(Secret value, Secret header) {

    public List<Secret> hidden() {
      return List.of(header, value);
    }

    /**
     * Returns the token in the variable. Throws if the variable is not set, or holds no token; the
     * message never shows the value.
     */
    public static Token fromEnvironment(
        String platform,
        Map<String, String> environment,
        String variable,
        UnaryOperator<String> scheme) {
      Secret token =
          Secret.fromEnvironment(environment, variable)
              .orElseThrow(
                  () -> wrong(platform, variable, "is not set", "Set it in the environment"));
      // A value with other characters could not be sent, and the error would show it.
      if (!token.reveal().matches("[\\x21-\\x7e]+( [\\x21-\\x7e]+)*")) {
        throw wrong(
            platform,
            variable,
            "is no token: it has a line break or a character that tokens do not have",
            "Copy it again, in one piece");
      }
      return new Token(token, Secret.of(scheme.apply(token.reveal())));
    }

    private static PlatformException wrong(
        String platform, String variable, String problem, String advice) {
      return new PlatformException(Kind.UNAUTHORIZED, platform, variable, problem, advice);
    }
  }

  /**
   * Turns a failed call into what a person is told. {@code place} is where mcpist.yml names the
   * thing that was called.
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

    /** Returns the error of a change that, by the platform's state, has not been made. */
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
        case REJECTED, FAILED ->
            "It would be refused again: change what it names, and run it again";
      };
    }
  }
}
