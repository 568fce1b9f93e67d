package com.mcpist.e2e.bench;

import com.mcpist.e2e.harness.EdgeConfig;
import com.mcpist.e2e.harness.McpConnection;
import com.mcpist.e2e.harness.Program;
import com.mcpist.testkit.Ports;
import com.mcpist.testkit.RawHttp;
import com.mcpist.testkit.TestDatabase;
import com.mcpist.testkit.TraceReceiver;
import com.mcpist.testkit.vendor.StripeServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * An origin with the JVM flags that it ships with: how long until its first answer, how much of the
 * machine's memory it holds after so many calls, and the most that it held in a flood of bodies as
 * large as it takes; then the same while a collector takes its traces, and with Stripe's library
 * and so many events. Exit code 1 past 2 s, 145 MB or 215 MB, or with one of these 25 MB more.
 * Linux only.
 */
public final class OriginMemoryBench {

  private static final Duration FIRST_ANSWER = Duration.ofSeconds(2);
  private static final long RESIDENT_MEGABYTES = 145;
  private static final long FLOODED_MEGABYTES = 215;
  private static final long MORE_MEGABYTES = 25;
  private static final String STRIPE_KEY = "sk_live_bench";
  private static final String STRIPE_SECRET = "whsec_bench";
  private static final int FLOODERS = 16;
  private static final String LARGE = "x".repeat(4 * 1024 * 1024 - 2000);
  private static final String SECRET = "X-User-Id: local\nX-Gateway-Secret: " + EdgeConfig.SECRET;

  private OriginMemoryBench() {}

  /** Takes the number of calls, and of large bodies. */
  public static void main(String[] args) throws Exception {
    int calls = Integer.parseInt(args[0]);
    int large = Integer.parseInt(args[1]);
    int port = Ports.free();
    boolean good;
    try (TestDatabase database = TestDatabase.create();
        TraceReceiver collector = new TraceReceiver();
        StripeServer stripe = StripeServer.start(STRIPE_KEY)) {
      // The first start also makes the schema; what is measured is a start as after any deployment.
      measure(port, database, Map.of(), 0, 0, () -> {});
      good = measure(port, database, Map.of(), calls, large, () -> {});
      good &= measure(port, database, collector.variables(), calls, large, () -> {});
      good &=
          measure(port, database, billing(stripe), calls, large, () -> tell(port, stripe, calls));
      System.out.println(collector.spans().size() + " spans were taken");
    }
    System.exit(good ? 0 : 1);
  }

  private static boolean measure(
      int port, TestDatabase database, Map<String, String> more, int calls, int large, Work work)
      throws IOException, InterruptedException {
    long start = System.nanoTime();
    try (Program origin = Program.origin(port, database, more)) {
      origin.await("it is healthy", () -> healthy(port));
      Duration first = Duration.ofNanos(System.nanoTime() - start);
      long fresh = megabytes(origin.pid(), "VmRSS");
      call(port, calls);
      work.run();
      long after = megabytes(origin.pid(), "VmRSS");
      int taken = flood(port, large);
      long flooded = megabytes(origin.pid(), "VmHWM");
      System.out.printf(
          "first answer %.2f s; resident %d MB at the start, %d MB after %d calls;"
              + " %d MB at most in a flood of %d large bodies, %d of them taken%n",
          first.toNanos() / 1e9, fresh, after, calls, flooded, large, taken);
      long allowed = more.isEmpty() ? 0 : MORE_MEGABYTES;
      return first.compareTo(FIRST_ANSWER) < 0
          && after < RESIDENT_MEGABYTES + allowed
          && flooded < FLOODED_MEGABYTES + allowed;
    }
  }

  private interface Work {
    void run() throws IOException;
  }

  private static Map<String, String> billing(StripeServer stripe) {
    return Map.of(
        "BILLING",
        "{\"plans\": {\"standard\": \"price_1\"}, \"free\": \"standard\", \"graceDays\": 7,"
            + " \"returnUrl\": \"https://example.com/\"}",
        "STRIPE_SECRET_KEY",
        STRIPE_KEY,
        "STRIPE_WEBHOOK_SECRET",
        STRIPE_SECRET,
        "STRIPE_API_URL",
        stripe.url().toString());
  }

  private static void tell(int port, StripeServer stripe, int events) throws IOException {
    String subscription = stripe.subscribe(stripe.customer("buyer"), "active", "price_1");
    for (int i = 0; i < events; i++) {
      String event = stripe.event("customer.subscription.updated", subscription);
      String signature = StripeServer.signature(event, Instant.now(), STRIPE_SECRET);
      String headers = SECRET + "\nStripe-Signature: " + signature;
      var _ = RawHttp.exchange(port, RawHttp.post("/webhooks/stripe", headers, event));
    }
  }

  /** From many connections at once; tells how many were not refused for want of room. */
  private static int flood(int port, int large) throws InterruptedException {
    AtomicInteger left = new AtomicInteger(large);
    AtomicInteger taken = new AtomicInteger();
    List<Thread> flooders = new ArrayList<>();
    for (int i = 0; i < FLOODERS; i++) {
      flooders.add(
          Thread.ofVirtual()
              .start(
                  () -> {
                    while (left.getAndDecrement() > 0) {
                      taken.addAndGet(isTaken(port) ? 1 : 0);
                    }
                  }));
    }
    for (Thread flooder : flooders) {
      flooder.join();
    }
    return taken.get();
  }

  private static boolean isTaken(int port) {
    try (McpConnection client = McpConnection.open(port)) {
      return client.call("memory_save", Map.of("title", "t", "text", LARGE), SECRET).status()
          == 200;
    } catch (IOException e) {
      return false; // Refused, and cut off while it was still sending.
    }
  }

  // One in ten writes.
  private static void call(int port, int calls) throws IOException {
    try (McpConnection client = McpConnection.open(port)) {
      for (int i = 0; i < calls; i++) {
        if (i % 10 == 0) {
          client
              .call("memory_save", Map.of("title", "Number " + i, "text", "t"), SECRET)
              .structured();
        } else {
          client.call("memory_search", Map.of("query", "number"), SECRET).structured();
        }
      }
    }
  }

  private static boolean healthy(int port) throws IOException {
    return RawHttp.exchange(port, "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n").status()
        == 200;
  }

  private static long megabytes(long pid, String what) throws IOException {
    String line =
        Files.readAllLines(Path.of("/proc", Long.toString(pid), "status")).stream()
            .filter(l -> l.startsWith(what + ":"))
            .findFirst()
            .orElseThrow();
    return Long.parseLong(line.replaceAll("\\D", "")) / 1024;
  }
}
