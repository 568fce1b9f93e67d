package com.mcpist.deploy.release;

import module java.base;

import com.mcpist.deploy.admin.AdminPath;
import com.mcpist.deploy.admin.AdminPath.AdminException;
import com.mcpist.deploy.admin.AdminPath.Event;
import com.mcpist.deploy.http.ApiClient;
import com.mcpist.deploy.http.ApiException;
import com.mcpist.deploy.http.ApiException.Reason;
import com.mcpist.deploy.http.Call;
import com.mcpist.deploy.secret.Secret;
import com.mcpist.deploy.time.Deadline;
import com.mcpist.deploy.time.Time;
import tools.jackson.databind.JsonNode;

/** What has been told is kept with the deployment's events: it does not matter who looks. */
public record Announcements(
    String service,
    Optional<AdminPath> admin,
    Optional<Notifier> notifier,
    Optional<URI> details,
    Time time) {
  private static final Duration LIMIT = Duration.ofSeconds(10);
  private static final String FAILURE = "failure";
  private static final String RECOVERY = "recovery";
  private static final String WARNING = "warning";
  private static final String CHECK = "check";
  private static final int LATEST = 200;

  /** What lasts until the check that found it finds it no more: what it is, and of what. */
  public record Warning(String what, String subject, String message) {
    private boolean isIn(Event event) {
      return event.data().getOrDefault("what", "").equals(what)
          && event.data().getOrDefault("subject", "").equals(subject);
    }

    private Event of(String check) {
      return Event.now(WARNING, Optional.empty(), message)
          .with(Map.of("what", what, "subject", subject, CHECK, check));
    }
  }

  /** The same, where the events are kept by another way in: its secrets may have changed. */
  public Announcements by(Optional<AdminPath> other) {
    return new Announcements(service, other, notifier, details, time);
  }

  /** The same once more, as a check each day finds it, is not told again. */
  public List<String> failed(String check, Optional<String> origin, String problem, String advice) {
    String message = check + ": " + problem;
    if (failure(check).filter(last -> last.message().equals(message)).isPresent()) {
      return List.of();
    }
    keep(Event.now(FAILURE, origin, message));
    return send(Notifier.failure(service, check, origin, problem, advice, details));
  }

  public List<String> passed(String check, String state) {
    if (failure(check).isEmpty()) {
      return List.of();
    }
    keep(Event.now(RECOVERY, Optional.empty(), check + ": " + state));
    return send(Notifier.recovery(service, check, state));
  }

  /**
   * Tells what a check warns of, each once, and its end; but ends nothing where the check has not
   * seen all. What goes on is kept again: what is silent for days has ended.
   */
  public List<String> warn(String check, List<Warning> found, boolean seenAll) {
    Optional<List<Event>> kept = kept(WARNING);
    if (kept.isEmpty()) { // What is open is not known: nothing is begun a second time, or ended.
      List<String> all =
          found.stream().map(one -> Notifier.warning(service, one.message(), false)).toList();
      return all.isEmpty() ? List.of() : send(String.join("\n", all));
    }
    List<Event> open =
        kept.get().stream()
            .filter(event -> event.running() && check.equals(event.data().get(CHECK)))
            .toList();
    List<String> news = new ArrayList<>();
    for (Warning one : found) {
      Optional<Event> known = open.stream().filter(one::isIn).findFirst();
      keep(known.orElseGet(() -> one.of(check)));
      if (known.isEmpty()) {
        news.add(Notifier.warning(service, one.message(), false));
      }
    }
    for (Event before : open) {
      if (seenAll && found.stream().noneMatch(one -> one.isIn(before))) {
        keep(before.recovered(time.wall()));
        news.add(Notifier.warning(service, before.message(), true));
      }
    }
    return news.isEmpty() ? List.of() : send(String.join("\n", news));
  }

  /** Also where the origins alert: whether they can is not known here. */
  private List<String> send(String text) {
    return notifier.flatMap(to -> to.send(text)).stream().toList();
  }

  /** That of the last check of this kind; empty where that has passed, or is not known. */
  private Optional<Event> failure(String check) {
    return kept(FAILURE, RECOVERY).stream()
        .flatMap(List::stream)
        .filter(event -> isOfSecrets(event.message()) == isOfSecrets(check))
        .findFirst()
        .filter(event -> event.kind().equals(FAILURE));
  }

  /** Releases that are well say nothing of secrets, nor the other way round. */
  private static boolean isOfSecrets(String check) {
    return check.startsWith("secrets ") || check.startsWith("rotation ");
  }

  /** The newest first; empty where they are not known. */
  private Optional<List<Event>> kept(String... kinds) {
    if (admin.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(admin.get().events(LATEST, limit(), kinds));
    } catch (AdminException _) {
      return Optional.empty();
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }

  /** Something has happened. If no origin can keep it, that is no failure. */
  public void keep(Event event) {
    if (admin.isEmpty()) {
      return;
    }
    try {
      admin.get().keep(event, limit());
    } catch (AdminException _) {
      // It has been told, which matters more.
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private Deadline limit() {
    return Deadline.in(LIMIT, time);
  }

  /** For a webhook that takes what Slack's does. Whoever knows its address may write there. */
  public record Notifier(String variable, Optional<Secret> address, Time time) {
    private static final Duration CALL_TIMEOUT = Duration.ofSeconds(5);
    private static final Duration LIMIT = Duration.ofSeconds(20);

    public Notifier(String variable, Map<String, String> environment, Time time) {
      this(variable, Secret.fromEnvironment(environment, variable), time);
    }

    /** None of it may be a secret. */
    public static String failure(
        String service,
        String check,
        Optional<String> origin,
        String problem,
        String advice,
        Optional<URI> details) {
      return ":x: *%s*: %s%s failed\n%s\n*What to do:* %s%s"
          .formatted(
              escaped(service),
              escaped(check),
              origin.map(name -> " of " + escaped(name)).orElse(""),
              escaped(problem),
              escaped(advice),
              details.map(uri -> "\n<" + uri + "|More>").orElse(""));
    }

    public static String warning(String service, String problem, boolean over) {
      return (over ? ":white_check_mark: *%s*: over: %s" : ":warning: *%s*: %s")
          .formatted(escaped(service), escaped(problem));
    }

    public static String recovery(String service, String check, String state) {
      return ":white_check_mark: *%s*: %s is well again\n%s"
          .formatted(escaped(service), escaped(check), escaped(state));
    }

    /** Slack gives these three a meaning. */
    private static String escaped(String text) {
      return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }

    /** Never throws, and takes 20 seconds at most. Why it was not sent; empty when it was. */
    public Optional<String> send(String text) {
      if (address.isEmpty()) {
        return problem(variable + " is not set");
      }
      Optional<URI> url = url(address.get());
      if (url.isEmpty()) {
        return problem(variable + " is no address that starts with https://");
      }
      try {
        post(url.get(), text);
        return Optional.empty();
      } catch (ApiException e) {
        // Slack answers 200 and "ok", which is no JSON.
        return e.reason() == Reason.UNREADABLE
            ? Optional.empty()
            : problem(String.valueOf(e.getMessage()));
      } catch (InterruptedException _) {
        Thread.currentThread().interrupt();
        return problem("it was interrupted");
      }
    }

    private void post(URI url, String text) throws ApiException, InterruptedException {
      List<Secret> hidden = List.of(Secret.of(url.getRawPath()), Secret.of(url.toString()));
      String query = url.getRawQuery() == null ? "" : "?" + url.getRawQuery();
      JsonNode body = Call.object().put("text", text);
      // Twice the same message is better than none.
      Call call = Call.change("notify", "POST", query, body).asRepeatable();
      var _ =
          new ApiClient(url, Optional.empty(), hidden, CALL_TIMEOUT, time)
              .send(call, Deadline.in(LIMIT, time));
    }

    private Optional<String> problem(String reason) {
      return Optional.of("the notification was not sent: " + reason);
    }

    private static Optional<URI> url(Secret address) {
      try {
        URI url = URI.create(address.reveal());
        boolean loopback = "127.0.0.1".equals(url.getHost()) || "localhost".equals(url.getHost());
        boolean right =
            url.getHost() != null
                && url.getRawUserInfo() == null
                && ("https".equals(url.getScheme())
                    || ("http".equals(url.getScheme()) && loopback));
        return right ? Optional.of(url) : Optional.empty();
      } catch (IllegalArgumentException _) {
        return Optional.empty();
      }
    }
  }
}
