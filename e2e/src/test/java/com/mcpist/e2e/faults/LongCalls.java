package com.mcpist.e2e.faults;

import static com.mcpist.e2e.harness.Pair.PRIMARY;

import com.mcpist.e2e.harness.McpConnection.Reply;
import com.mcpist.e2e.harness.Transcript;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import java.util.stream.IntStream;

/** Calls that really take long, at one step a second; what the bench of that name runs. */
public final class LongCalls {
  private static final long STEP_NANOS = Duration.ofSeconds(1).toNanos();

  private LongCalls() {}

  /**
   * Makes one call that reads and one that acts outside idempotently at the same time, and kills
   * their origin.
   *
   * @param length how long an attempt works
   * @param kill when the first attempt's origin is killed
   * @return whether each client got one stream with every step's progress once, and one result
   */
  public static boolean run(Duration length, Duration kill) throws Exception {
    int steps = Math.toIntExact(length.toSeconds());
    int killed = Math.toIntExact(kill.toSeconds());
    boolean good = true;
    try (CallRig calls = CallRig.start()) {
      calls.outside().paced(STEP_NANOS);
      List<String> tools = List.of(FaultTools.READ, FaultTools.ACT_AGAIN);
      long start = System.nanoTime();
      List<Future<Reply>> replies = new ArrayList<>();
      for (String tool : tools) {
        replies.add(calls.callWithProgress(tool, tool, steps, length.multipliedBy(4)));
      }
      calls.outside().await(tools.getFirst(), killed + 1);
      calls.rig().kill(PRIMARY);
      System.out.printf("%s killed after %.1f s%n", PRIMARY, seconds(start));
      for (Future<Reply> reply : replies) {
        good &= tell(reply.get(), steps, seconds(start));
      }
    }
    return good;
  }

  private static boolean tell(Reply reply, int steps, double seconds) {
    Transcript stream = Transcript.of(reply.http());
    List<Double> all = IntStream.rangeClosed(1, steps).mapToObj(i -> (double) i).toList();
    int attempt = reply.structured().path("attempt").asInt();
    System.out.printf(
        "answered after %.1f s by attempt %d: %d reports of progress, %d results; %s%n",
        seconds, attempt, stream.progress().size(), stream.responses().size(), stream.comments());
    return stream.progress().equals(all) && stream.responses().size() == 1 && attempt == 2;
  }

  private static double seconds(long sinceNanos) {
    return (System.nanoTime() - sinceNanos) / 1e9;
  }
}
