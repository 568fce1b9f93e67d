package com.mcpist.deploy.origin;

import com.mcpist.deploy.http.Answer;
import com.mcpist.deploy.http.ApiClient;
import com.mcpist.deploy.http.ApiException;
import com.mcpist.deploy.http.ApiException.Reason;
import com.mcpist.deploy.http.Call;
import com.mcpist.deploy.secret.Secret;
import com.mcpist.deploy.time.Deadline;
import com.mcpist.deploy.time.Time;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Asks something that serves MCP about itself. A question is asked once: who waits asks again. */
public final class OriginClient {
  private static final Duration TIMEOUT = Duration.ofSeconds(5);
  private static final String SECRET_HEADER = "X-Gateway-Secret";

  private final URI url;
  private final List<Secret> hidden;
  private final ApiClient client;

  /**
   * An origin's, or the edge's.
   *
   * @param url without a path
   * @param hidden what no message may repeat
   */
  public OriginClient(URI url, List<Secret> hidden, Time time) {
    this.url = url;
    this.hidden = List.copyOf(hidden);
    this.client = new ApiClient(url, Optional.empty(), hidden, TIMEOUT, time).once();
  }

  /** Where it is. */
  public URI url() {
    return url;
  }

  /** How it is; with the secret it tells more. */
  public Health health(Optional<Secret> secret, Deadline deadline) throws InterruptedException {
    Call call = with(Call.get("ask /health", "/health"), secret).accepting(503);
    try {
      Answer answer = client.send(call, deadline);
      return Health.of(answer.status(), answer.body()).with(text -> redact(text, secret));
    } catch (ApiException e) {
      return Health.none(e.status(), String.valueOf(e.getMessage()));
    }
  }

  /**
   * The HTTP status of a path.
   *
   * @return 0 when there is no answer
   */
  public int status(String path, Optional<Secret> secret, Deadline deadline)
      throws InterruptedException {
    try {
      return client.send(with(Call.get("ask " + path, path), secret), deadline).status();
    } catch (ApiException e) {
      // An answer that is no JSON has been one: which status it had does not matter but as "good".
      return e.reason() == Reason.UNREADABLE ? 200 : e.status();
    }
  }

  /** What it offers by MCP. */
  public Tools tools(Optional<Secret> secret, Deadline deadline) throws InterruptedException {
    try {
      return Tools.of(client.send(with(Tools.LIST, secret), deadline).body())
          .with(text -> redact(text, secret));
    } catch (ApiException e) {
      return Tools.none(String.valueOf(e.getMessage()));
    }
  }

  /** An answer is somebody else's text, as an error is: it may repeat what it was shown. */
  private String redact(String text, Optional<Secret> secret) {
    String redacted = text;
    for (Secret one : Stream.concat(hidden.stream(), secret.stream()).toList()) {
      redacted = one.redact(redacted);
    }
    return redacted;
  }

  private Call with(Call call, Optional<Secret> secret) {
    return secret
        .map(
            value ->
                call.with(SECRET_HEADER, value.reveal())
                    .hiding(Stream.concat(hidden.stream(), Stream.of(value)).toList()))
        .orElse(call);
  }
}
