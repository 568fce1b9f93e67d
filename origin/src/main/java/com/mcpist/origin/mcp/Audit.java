package com.mcpist.origin.mcp;

import com.mcpist.module.Invocation.Attempt;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.model.registry.Collector;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Who called which tool when, and what came of it, a line of JSON each: docs/operations/audit.md.
 * The line is in the file before the call is answered, so that it is there when this process is
 * killed. The file is opened for each line, so that it can be moved away.
 */
public final class Audit {
  /** What became of an attempt. */
  enum Transport {
    /** It has an answer, which is sent then. */
    ANSWERED,
    /** The client had gone before. */
    LEFT,
    /** Nothing was run. */
    REFUSED,
    /** The edge asks another origin. */
    FAILED
  }

  private static final Logger LOG = LoggerFactory.getLogger(Audit.class);
  private static final int LONGEST_NAME = 128;

  private final @Nullable Path file;
  private final String instance;
  private volatile boolean failing;

  private final Counter lost =
      Counter.builder()
          .name("mcpist_audit_lost_total")
          .help("Lines that could not be written to the audit file")
          .withoutExemplars()
          .build();

  /** Without a file nothing is written. */
  public Audit(@Nullable Path file, String instance) {
    this.file = file;
    this.instance = instance;
  }

  public static Audit off() {
    return new Audit(null, "");
  }

  Collector collector() {
    return lost;
  }

  /** Of an attempt at a call of a tool, which took so long until then; null: it has no answer. */
  void called(
      Message.Request request,
      Attempt attempt,
      Transport transport,
      @Nullable ObjectNode answer,
      Instant until,
      long nanos) {
    if (file == null || !request.method().equals("tools/call")) {
      return;
    }
    String tool = request.params().path("name").asString("");
    ObjectNode line =
        Json.object()
            .put("at", until.minusNanos(nanos).truncatedTo(ChronoUnit.MILLIS).toString())
            .put("instance", instance)
            .put("user", attempt.key().user())
            .put("tool", tool.substring(0, Math.min(tool.length(), LONGEST_NAME)))
            .put("callId", attempt.sending().callId())
            .put("attempt", attempt.sending().attempt())
            .put("millis", TimeUnit.NANOSECONDS.toMillis(nanos))
            .put("transport", transport.name().toLowerCase(Locale.ROOT));
    if (answer != null && answer.has("error")) {
      line.put("protocol", "error").set("code", answer.path("error").path("code"));
    } else if (answer != null) {
      line.put("protocol", "ok").put("result", result(answer.path("result")));
    }
    write(file, line.toString());
  }

  private static String result(JsonNode result) {
    if (result.path("resultType").asString("").equals("input_required")) {
      return "asks";
    }
    return result.path("isError").asBoolean(false) ? "error" : "ok";
  }

  /** A call goes on without its line. */
  private void write(Path to, String json) {
    // After a failure a part of a line may be there.
    String line = (failing ? "\n" : "") + json + "\n";
    try (OutputStream out = new FileOutputStream(to.toFile(), true)) {
      // In one piece: another origin may write to the same file.
      out.write(line.getBytes(StandardCharsets.UTF_8));
      if (failing) {
        failing = false;
        LOG.info("The audit file is written again, {} lines were lost", (long) lost.get());
      }
    } catch (IOException e) {
      lost.inc();
      if (!failing) {
        failing = true;
        LOG.warn("The audit file cannot be written, and calls go on: {}", e.getMessage());
      }
    }
  }
}
