package com.mcpist.deploy.verify;

import module java.base;

import com.mcpist.deploy.http.ApiClient;
import com.mcpist.deploy.http.ApiClient.Answer;
import com.mcpist.deploy.http.ApiException;
import com.mcpist.deploy.http.ApiException.Reason;
import com.mcpist.deploy.http.Call;
import com.mcpist.deploy.secret.Secret;
import com.mcpist.deploy.time.Deadline;
import com.mcpist.deploy.time.Time;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Asks something that serves MCP about itself. A question is asked once: who waits asks again. */
public record OriginClient(URI url, List<Secret> hidden, ApiClient client) {
  private static final Duration TIMEOUT = Duration.ofSeconds(5);
  private static final String SECRET_HEADER = "X-Gateway-Secret";
  private static final String USER_HEADER = "X-User-Id";
  private static final String OPERATOR = "local";
  private static final String METADATA = "/.well-known/oauth-protected-resource/mcp";

  public OriginClient(URI url, List<Secret> hidden, Time time) {
    this(url, hidden, new ApiClient(url, Optional.empty(), hidden, TIMEOUT, time).once());
  }

  public Health health(Optional<Secret> secret, Deadline deadline) throws InterruptedException {
    Call call = with(Call.get("ask /health", "/health"), secret).accepting(503);
    try {
      Answer answer = client.send(call, deadline);
      return Health.of(answer, client.time().wall(), text -> redact(text, secret));
    } catch (ApiException e) {
      return Health.none(e.status(), e.reason(), String.valueOf(e.getMessage()));
    }
  }

  /** 0 when there is no answer. */
  public int status(String path, Optional<Secret> secret, Deadline deadline)
      throws InterruptedException {
    try {
      return client.send(with(Call.get("ask " + path, path), secret), deadline).status();
    } catch (ApiException e) {
      // An answer that is no JSON has been one: which status it had does not matter but as "good".
      return e.reason() == Reason.UNREADABLE ? 200 : e.status();
    }
  }

  /** What it offers by MCP; whoever has the secret asks as the operator. */
  public Tools tools(Optional<Secret> secret, Deadline deadline) throws InterruptedException {
    Call list = secret.isPresent() ? Tools.LIST.with(USER_HEADER, OPERATOR) : Tools.LIST;
    try {
      JsonNode answer = client.send(with(list, secret), deadline).body();
      return Tools.of(answer, text -> redact(text, secret));
    } catch (ApiException e) {
      return Tools.none(String.valueOf(e.getMessage()), e.answered());
    }
  }

  public Refusal refusal(Optional<Secret> bearer, Deadline deadline) throws InterruptedException {
    Call call = Tools.LIST.accepting(401);
    if (bearer.isPresent()) {
      call =
          call.with("Authorization", "Bearer " + bearer.get().reveal())
              .hiding(Stream.concat(hidden.stream(), bearer.stream()).toList());
    }
    try {
      Answer answer = client.send(call, deadline);
      String challenge = answer.headers().firstValue("WWW-Authenticate").orElse("");
      return new Refusal(answer.status(), challenge, "");
    } catch (ApiException e) {
      // A body that is no JSON has come with a good status, or with the one that was asked for.
      int status = e.reason() == Reason.UNREADABLE ? 200 : e.status();
      return new Refusal(status, "", redact(String.valueOf(e.getMessage()), bearer));
    }
  }

  /** Where an edge says that tokens come from (RFC 9728); empty where it does not. */
  public List<String> tokenIssuers(Deadline deadline) throws InterruptedException {
    try {
      JsonNode metadata =
          client.send(Call.get("read where tokens come from", METADATA), deadline).body();
      List<String> issuers = new ArrayList<>();
      metadata.path("authorization_servers").forEach(one -> issuers.add(one.asString("")));
      return issuers.stream().filter(issuer -> !issuer.isBlank()).toList();
    } catch (ApiException _) {
      return List.of();
    }
  }

  /** An answer is somebody else's text, as an error is: it may repeat what it was shown. */
  private String redact(String text, Optional<Secret> secret) {
    return Secret.redact(text, Stream.concat(hidden.stream(), secret.stream()));
  }

  private Call with(Call call, Optional<Secret> secret) {
    return secret
        .map(
            value ->
                call.with(SECRET_HEADER, value.reveal())
                    .hiding(Stream.concat(hidden.stream(), Stream.of(value)).toList()))
        .orElse(call);
  }

  /**
   * The status is HTTP's, 0 without an answer; the digest is its image's, and the instance its
   * process, both empty when not told; the problem is why there is no answer that can be read. The
   * certificate's problem, which is among the others, is that it soon ends. The connections are
   * those to its database.
   */
  public record Health(
      int status,
      boolean ok,
      String release,
      String digest,
      String instance,
      String body,
      String problem,
      Optional<Reason> reason,
      List<String> problems,
      Optional<String> certificate,
      List<DatabaseConnection> connections) {

    /**
     * What an origin says of a connection to its database.
     *
     * @param variable the variable with its address
     * @param told in words
     * @param trusted whether nobody between could read it, or pass for the server
     */
    public record DatabaseConnection(String variable, String told, boolean trusted) {}

    static Health of(Answer answer, Instant now, UnaryOperator<String> redact) {
      int status = answer.status();
      JsonNode body = answer.body();
      Optional<String> certificate = answer.certificate().flatMap(own -> own.problem(now));
      return new Health(
          status,
          status == 200 && body.path("status").asString("").equals("ok"),
          redact.apply(body.path("release").asString("")),
          redact.apply(body.path("digest").asString("")),
          redact.apply(body.path("instance").asString("")),
          redact.apply(body.toString()),
          "",
          Optional.empty(),
          Stream.concat(Problems.of(body).stream().map(redact), certificate.stream()).toList(),
          certificate,
          connections(body.path("database").path("connections"), redact));
    }

    private static List<DatabaseConnection> connections(
        JsonNode told, UnaryOperator<String> redact) {
      return told.properties().stream()
          .map(
              one ->
                  new DatabaseConnection(
                      line(redact.apply(one.getKey())),
                      line(redact.apply(one.getValue().path("told").asString(""))),
                      one.getValue().path("trusted").asBoolean(false)))
          .toList();
    }

    private static String line(String text) {
      return text.replaceAll("\\p{Cntrl}", "?");
    }

    static Health none(int status, Reason reason, String problem) {
      return new Health(
          status,
          false,
          "",
          "",
          "",
          "",
          problem,
          Optional.of(reason),
          List.of(),
          Optional.empty(),
          List.of());
    }

    /** Returns true if there was an answer, if only one that could not be read. */
    public boolean answered() {
      return status > 0 || reason.equals(Optional.of(Reason.UNREADABLE));
    }

    public Health with(List<String> more) {
      List<String> all = Stream.concat(problems.stream(), more.stream()).toList();
      return new Health(
          status,
          ok,
          release,
          digest,
          instance,
          body,
          problem,
          reason,
          all,
          certificate,
          connections);
    }

    public String told() {
      if (!problem.isEmpty()) {
        return problem;
      }
      String bad = "HTTP " + status + (status == 503 ? ", unhealthy" : ", not healthy");
      return String.join(
          "; ", Stream.concat(Stream.of(ok ? "healthy" : bad), problems.stream()).toList());
    }
  }

  /**
   * The tools that are offered.
   *
   * @param answered whether there was an answer
   */
  public record Tools(List<String> names, String problem, boolean answered) {
    /** As a client without a session asks: every revision of MCP that is spoken answers it. */
    static final Call LIST =
        Call.change(
                "list the tools",
                "POST",
                "/mcp",
                JsonMapper.shared()
                    .readTree(
                        """
                        {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}
                        """))
            .with("Accept", "application/json, text/event-stream")
            .with("MCP-Protocol-Version", "2025-06-18");

    static Tools of(JsonNode answer, UnaryOperator<String> redact) {
      JsonNode tools = answer.path("result").path("tools");
      List<String> names =
          tools.valueStream().map(tool -> redact.apply(tool.path("name").asString(""))).toList();
      if (!names.isEmpty()) {
        return new Tools(names, "", true);
      }
      JsonNode error = answer.path("error").path("message");
      String problem = error.isString() ? error.asString() : "the answer has no tools";
      return none(redact.apply(problem), true);
    }

    static Tools none(String problem, boolean answered) {
      return new Tools(List.of(), problem, answered);
    }
  }

  /** The challenge is the value of WWW-Authenticate; empty where there is none. */
  public record Refusal(int status, String challenge, String problem) {
    /** Whether it is what somebody gets who has not shown a right that would do. */
    public boolean isChallenge() {
      return status == 401 && challenge.regionMatches(true, 0, "Bearer ", 0, "Bearer ".length());
    }

    public String told() {
      if (status == 0) {
        return problem;
      }
      return status == 401 && !isChallenge() ? "401 without a challenge" : Integer.toString(status);
    }
  }
}
