package com.mcpist.pair.supervisor;

import module java.base;

import com.mcpist.deploy.admin.AdminPath.Event;
import com.mcpist.deploy.http.SocketHttp;
import com.mcpist.deploy.secret.Secret;
import com.mcpist.deploy.secrets.Source;
import com.mcpist.pair.process.Keeper.Death;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What happens to a pair's programs, told to its origins until one has it in its database. Where it
 * is too much the oldest gives way, and an event says how much has.
 */
final class PairEvents {
  static final int MOST = 200;
  private static final Logger LOG = LoggerFactory.getLogger(PairEvents.class);
  private static final Duration LIMIT = Duration.ofSeconds(10);
  private static final Duration PAUSE = Duration.ofSeconds(1);

  /** Guarded by this, as the next; the oldest first. */
  private final Map<UUID, Event> untold = new LinkedHashMap<>();

  private @Nullable Event lost;
  private volatile Set<String> origins = Set.of();
  private volatile @Nullable Thread thread;

  /** Begins to tell the origins, which are given by name with their sockets. */
  void tell(Map<String, URI> sockets, KnownSecrets known) {
    origins = Set.copyOf(sockets.keySet());
    List<URI> all = List.copyOf(sockets.values());
    thread = Thread.ofVirtual().name("events").start(() -> tellAll(all, known));
  }

  synchronized void add(Event event) {
    untold.put(event.id(), event);
    if (untold.size() > MOST) {
      Event oldest = untold.values().iterator().next();
      untold.remove(oldest.id());
      lost = lost(lost, oldest);
    }
    notifyAll();
  }

  private static Event lost(@Nullable Event before, Event oldest) {
    int count = before == null ? 1 : (int) before.data().getOrDefault("count", 0) + 1;
    return new Event(
        before == null ? UUID.randomUUID() : before.id(),
        "lost",
        Optional.empty(),
        count + " events were not kept: no origin took them in time",
        (before == null ? oldest : before).at(),
        Optional.empty(),
        false,
        Map.of("count", count));
  }

  void died(Death death) {
    String how =
        death.times() == 1
            ? "died (" + death.how() + ")"
            : "died %d times (the last time: %s)".formatted(death.times(), death.how());
    add(
        new Event(
            death.id(),
            "death",
            Optional.of(death.program()).filter(origins::contains),
            death.program() + " " + how,
            Optional.of(death.at()),
            Optional.ofNullable(death.upAgain()),
            false,
            Map.of("cause", death.how(), "times", death.times())));
  }

  private synchronized Event next() throws InterruptedException {
    while (untold.isEmpty() && lost == null) {
      wait();
    }
    return untold.isEmpty() ? Objects.requireNonNull(lost) : untold.values().iterator().next();
  }

  private synchronized void told(Event event) {
    untold.remove(event.id(), event);
    lost = event.equals(lost) ? null : lost;
  }

  private void tellAll(List<URI> sockets, KnownSecrets known) {
    try {
      while (true) {
        Event event = next();
        if (isTold(event, sockets, known)) {
          told(event);
        } else {
          TimeUnit.MILLISECONDS.sleep(PAUSE.toMillis());
        }
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  /** Whether an origin keeps it, or will not. While a secret is rotated one may know either. */
  private static boolean isTold(Event event, List<URI> sockets, KnownSecrets known)
      throws InterruptedException {
    List<Secret> secrets =
        Stream.concat(
                Stream.of(known.current(Source.GATEWAY_SECRET)),
                known.next(Source.GATEWAY_SECRET).stream())
            .toList();
    for (URI socket : sockets) {
      for (Secret secret : secrets) {
        SocketHttp.Request put =
            SocketHttp.Request.of("PUT", "/events/" + event.id())
                .with("X-Gateway-Secret", secret.reveal())
                .withBody("application/json", event.json().toString());
        try {
          int status = SocketHttp.send(socket, put, LIMIT).status();
          if (status < 500 && status != 403) {
            if (status >= 300) {
              LOG.warn("An origin does not take an event ({}): {}", status, event.message());
            }
            return true;
          }
        } catch (IOException _) {
          // The next one may answer.
        }
      }
    }
    return false;
  }

  /** Tells no more, and waits until the last request has ended. */
  void stop() throws InterruptedException {
    Thread telling = thread;
    if (telling != null) {
      telling.interrupt();
      telling.join();
    }
  }
}
