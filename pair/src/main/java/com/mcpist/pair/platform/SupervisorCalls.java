package com.mcpist.pair.platform;

import com.mcpist.deploy.platform.PlatformException;
import com.mcpist.deploy.platform.PlatformException.Kind;
import com.mcpist.deploy.time.Deadline;
import com.mcpist.pair.control.HostingReply;
import com.mcpist.pair.control.Reply;
import com.mcpist.pair.control.Request;
import com.mcpist.pair.data.DataFolder;
import com.mcpist.pair.data.PairException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Asks a supervisor as a platform: with deadlines, and errors as a platform's are. */
record SupervisorCalls(String origin, Supervision supervision) {
  /** Longer than reading an image of some ten megabytes takes on a machine that is busy. */
  private static final Duration ANSWER_LIMIT = Duration.ofSeconds(30);

  /** What changes something each time that it is asked: the second time would be one too many. */
  private static final Set<String> ONCE = Set.of("redeploy");

  /**
   * The answer.
   *
   * @param call what messages call it
   */
  HostingReply ask(String call, Request request, Deadline deadline)
      throws PlatformException, InterruptedException {
    Reply reply = reply(call, request, deadline);
    if (reply == null && !ONCE.contains(request.command()) && isRunning()) {
      reply = reply(call, request, deadline);
    }
    if (reply == null) {
      throw unanswered(call, request);
    }
    HostingReply hosting = reply.hosting();
    if (hosting == null) {
      String problem = Optional.ofNullable(reply.error()).orElse("it answers something else");
      throw error(
          Kind.REJECTED, call, problem, "The pair may be of an earlier build: start it anew");
    }
    HostingReply.Refusal refusal = hosting.refusal();
    if (refusal != null) {
      String problem = Optional.ofNullable(reply.error()).orElse("refused");
      throw error(Kind.valueOf(refusal.kind()), call, problem, refusal.advice());
    }
    return hosting;
  }

  private @Nullable Reply reply(String call, Request request, Deadline deadline)
      throws PlatformException, InterruptedException {
    try {
      return supervision.ask(request, deadline.atMost(ANSWER_LIMIT));
    } catch (PairException e) {
      if (deadline.passed()) {
        throw error(
            Kind.DEADLINE,
            call,
            String.valueOf(e.getMessage()),
            "Run it again, it goes on where it was, or allow it more time");
      }
      return null;
    }
  }

  private PlatformException unanswered(String call, Request request) {
    if (!isRunning()) {
      return error(
          Kind.NOT_FOUND,
          call,
          "no pair runs in " + supervision.data(),
          "Start one with `mcpist up`, or name its folder with --data");
    }
    return ONCE.contains(request.command())
        ? error(
            Kind.UNKNOWN_OUTCOME,
            call,
            "the supervisor's answer was lost",
            "It may have acted: `mcpist status` shows what runs")
        : error(
            Kind.UNAVAILABLE,
            call,
            "the supervisor does not answer",
            "It may be starting or stopping: run it again in a while");
  }

  private boolean isRunning() {
    return DataFolder.isInUse(supervision.data());
  }

  PlatformException error(Kind kind, String call, String problem, String advice) {
    return new PlatformException(kind, LocalPlatform.NAME, call + " " + origin, problem, advice);
  }
}
