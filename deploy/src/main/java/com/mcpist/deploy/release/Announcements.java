package com.mcpist.deploy.release;

import com.mcpist.deploy.admin.AdminPath;
import com.mcpist.deploy.admin.AdminPath.AdminException;
import com.mcpist.deploy.admin.AdminPath.Event;
import com.mcpist.deploy.time.Deadline;
import com.mcpist.deploy.time.Time;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** What has been told is kept with the deployment's events: it does not matter who looks. */
public record Announcements(
    String service,
    Optional<AdminPath> admin,
    Optional<Notifier> notifier,
    Optional<URI> details,
    Time time) {
  private static final Duration LIMIT = Duration.ofSeconds(10);
  private static final int LATEST = 50;
  private static final String FAILURE = "failure";
  private static final String RECOVERY = "recovery";

  /** The same, where the events are kept by another way in: its secrets may have changed. */
  public Announcements by(Optional<AdminPath> other) {
    return new Announcements(service, other, notifier, details, time);
  }

  public List<String> failed(String check, Optional<String> origin, String problem, String advice) {
    Optional<String> unsent =
        notifier.flatMap(
            to -> to.send(Notifier.failure(service, check, origin, problem, advice, details)));
    keep(new Event(FAILURE, origin, check + ": " + problem, Optional.empty()));
    return unsent.stream().toList();
  }

  public List<String> passed(String check, String state) {
    if (!failedLast()) {
      return List.of();
    }
    Optional<String> unsent =
        notifier.flatMap(to -> to.send(Notifier.recovery(service, check, state)));
    keep(new Event(RECOVERY, Optional.empty(), check + ": " + state, Optional.empty()));
    return unsent.stream().toList();
  }

  private boolean failedLast() {
    if (admin.isEmpty()) {
      return false;
    }
    try {
      return admin.get().events(LATEST, limit()).stream()
          .map(Event::kind)
          .filter(kind -> kind.equals(FAILURE) || kind.equals(RECOVERY))
          .findFirst()
          .filter(FAILURE::equals)
          .isPresent();
    } catch (AdminException _) {
      return false;
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private void keep(Event event) {
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
}
