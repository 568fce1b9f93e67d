package com.mcpist.origin.alert;

import com.mcpist.origin.admin.AdminTransactions;
import com.mcpist.origin.alert.Outbox.Batch;
import com.mcpist.origin.alert.Outbox.Pace;
import com.mcpist.origin.alert.Webhook.Answer;
import com.mcpist.origin.db.Background;
import com.mcpist.origin.mcp.Json;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.node.ObjectNode;

/** Posts alerts, to each webhook by itself; all origins do, one at a time for each webhook. */
public final class Alerts implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Alerts.class);
  private static final Duration INTERVAL = Duration.ofSeconds(2);
  private static final Duration LOOK = Duration.ofMinutes(1);
  private static final Duration LIMIT = Duration.ofSeconds(10);
  private static final Duration STOP = Duration.ofSeconds(3);

  /** Whoever asks for a test waits for 5 s. */
  private static final Duration TEST_LIMIT = Duration.ofSeconds(4);

  private final AlertConfig config;
  private final List<Sender> senders = new ArrayList<>();
  private final List<Background> work = new ArrayList<>();

  /** {@code limits}: whether plans hold. */
  public Alerts(
      AlertConfig config,
      AdminTransactions transactions,
      BooleanSupplier ready,
      boolean limits,
      DatabaseRoom room) {
    this.config = config;
    problems().forEach(problem -> LOG.warn("No {}", problem));
    for (Webhook webhook : config.webhooks()) {
      Sender sender = new Sender(webhook, config.service(), transactions);
      senders.add(sender);
      work.add(new Background("Sending alerts", INTERVAL, when(ready, sender::send)));
    }
    Warnings warnings = new Warnings(transactions, config.names(), limits, room);
    work.add(new Background("Looking for warnings", LOOK, when(ready, warnings::look)));
  }

  private static Background.Work when(BooleanSupplier ready, Background.Work done) {
    return () -> {
      if (ready.getAsBoolean()) {
        done.run();
      }
    };
  }

  /** What is wrong with the settings. */
  public List<String> problems() {
    return config.problems().entrySet().stream()
        .map(problem -> "alerts to " + problem.getKey() + ": " + problem.getValue())
        .toList();
  }

  /** Posts a test message, and tells the answer, or why none; empty: no webhook has that name. */
  public Optional<String> test(String name) {
    return config.webhooks().stream()
        .filter(webhook -> webhook.name().equals(name))
        .findFirst()
        .map(this::test)
        .or(() -> Optional.ofNullable(config.problems().get(name)));
  }

  private String test(Webhook webhook) {
    ObjectNode event =
        Json.object()
            .put("id", UUID.randomUUID().toString())
            .put("kind", "test")
            .putNull("origin")
            .put("message", "alerts to " + webhook.name() + " arrive")
            .put("at", Instant.now().toString())
            .putNull("ended");
    event.putObject("data");
    try {
      return webhook.post(config.service(), List.of(event), TEST_LIMIT).told();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "this origin stops";
    }
  }

  @Override
  public void close() {
    long end = System.nanoTime() + STOP.toNanos();
    senders.forEach(sender -> sender.stop(end - System.nanoTime()));
    work.forEach(Background::close);
  }

  /** Of one webhook. Nothing of the database is held while the webhook is asked. */
  static final class Sender {
    private final Webhook webhook;
    private final String service;
    private final AdminTransactions transactions;
    private final Outbox outbox;
    private final ReentrantLock sending = new ReentrantLock();
    private @Nullable Posted unsettled;

    private record Posted(UUID batch, Pace pace) {}

    Sender(Webhook webhook, String service, AdminTransactions transactions) {
      this.webhook = webhook;
      this.service = service;
      this.transactions = transactions;
      this.outbox = new Outbox(webhook.name());
    }

    /** Posts what is due, if it is this origin's turn. */
    void send() throws Exception {
      sending.lockInterruptibly();
      try {
        sendOnce();
      } finally {
        sending.unlock();
      }
    }

    /** Lets a message that is being posted end, for a moment: else another origin repeats it. */
    void stop(long nanos) {
      try {
        var _ = sending.tryLock(nanos, TimeUnit.NANOSECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    private void sendOnce() throws Exception {
      Posted posted = unsettled != null ? unsettled : post();
      if (posted != null) {
        // Kept until the database takes it: else another message would tell the same.
        unsettled = posted;
        transactions.run(handle -> outbox.settle(handle, posted.batch(), posted.pace()));
        unsettled = null;
      }
    }

    /** Null: nothing was due. */
    private @Nullable Posted post() throws Exception {
      Batch batch = transactions.run(outbox::take).orElse(null);
      if (batch == null) {
        return null;
      }
      Answer answer = webhook.post(service, batch.events(), LIMIT);
      if (!answer.taken() && batch.pace().failures() == 0) {
        LOG.warn("Alerts to {} wait: {}", webhook.name(), answer.told());
      } else if (answer.taken() && batch.pace().failures() > 0) {
        LOG.info("Alerts to {} go out again", webhook.name());
      }
      Pace pace = batch.pace();
      return new Posted(batch.id(), answer.taken() ? pace.told(batch.quiet()) : pace.failed());
    }
  }
}
