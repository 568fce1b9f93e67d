package com.mcpist.origin.trace;

import com.mcpist.module.Question.InputRequired;
import com.mcpist.module.ToolException;
import com.mcpist.telemetry.TraceSdk;
import com.mcpist.telemetry.TraceSettings;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.common.AttributesBuilder;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapPropagator;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Tells an OpenTelemetry collector, by the semantic conventions for MCP and databases. */
public final class OpenTelemetryTraces implements Traces {
  private static final TextMapPropagator W3C = W3CTraceContextPropagator.getInstance();
  private static final int LONGEST_NAME = 128;
  private static final long CLOSE_SECONDS = 1;

  /** What an origin passes on of W3C's values; each span keeps them. */
  private static final int LONGEST_VALUE = 512;

  private final OpenTelemetrySdk sdk;
  private final Tracer tracer;

  private OpenTelemetryTraces(OpenTelemetrySdk sdk) {
    this.sdk = sdk;
    this.tracer = sdk.getTracer("com.mcpist.origin");
  }

  /**
   * Connects to nothing yet.
   *
   * @param about attributes of this process
   * @throws IllegalArgumentException naming a variable that is malformed
   */
  public static OpenTelemetryTraces start(TraceSettings settings, Map<String, String> about) {
    AttributesBuilder resource = Attributes.builder();
    about.forEach(resource::put);
    return new OpenTelemetryTraces(TraceSdk.start(settings, "mcpist-origin", resource.build()));
  }

  @Override
  public Span serve(
      String method, String target, String callId, Function<String, @Nullable String> parent) {
    Context context = W3C.extract(Context.root(), null, (_, name) -> bounded(parent.apply(name)));
    SpanBuilder span =
        asked(tracer, method, target, SpanKind.SERVER)
            .setParent(context)
            .setAttribute("mcpist.call_id", callId);
    return ScopedValue.where(TraceSdk.CALL, callId).call(() -> Told.begin(tracer, context, span));
  }

  @Override
  public void close() {
    sdk.shutdown().join(CLOSE_SECONDS, TimeUnit.SECONDS);
  }

  private static @Nullable String bounded(@Nullable String value) {
    return value == null || value.length() > LONGEST_VALUE ? null : value;
  }

  /** By MCP's conventions. */
  private static SpanBuilder asked(Tracer tracer, String method, String target, SpanKind kind) {
    boolean calls = method.equals("tools/call");
    SpanBuilder span =
        tracer
            .spanBuilder(cut((method + " " + target).strip()))
            .setSpanKind(kind)
            .setAttribute("mcp.method.name", method);
    if (calls) {
      span.setAttribute("gen_ai.operation.name", "execute_tool");
    }
    return target.isEmpty()
        ? span
        : span.setAttribute(calls ? "gen_ai.tool.name" : "gen_ai.prompt.name", target);
  }

  private static String cut(String text) {
    return text.substring(0, Math.min(text.length(), LONGEST_NAME));
  }

  private static final class Told implements Span {
    private final Tracer tracer;
    private final Context context;

    /** What its thread was at before it. */
    private final @Nullable Span before = Current.SPAN.get();

    private boolean failed;

    private Told(Tracer tracer, Context context) {
      this.tracer = tracer;
      this.context = context;
    }

    static Told begin(Tracer tracer, Context parent, SpanBuilder builder) {
      Told span = new Told(tracer, parent.with(builder.setParent(parent).startSpan()));
      Current.SPAN.set(span);
      return span;
    }

    private io.opentelemetry.api.trace.Span span() {
      return io.opentelemetry.api.trace.Span.fromContext(context);
    }

    @Override
    public <T> T tool(String name, Callable<T> work) throws Exception {
      return in(tracer.spanBuilder(cut("execute_tool " + name)), work);
    }

    @Override
    public <T> T ask(String mount, String method, String target, Callable<T> work)
        throws Exception {
      return in(
          asked(tracer, method, target, SpanKind.CLIENT).setAttribute("mcpist.mount", mount), work);
    }

    private <T> T in(SpanBuilder builder, Callable<T> work) throws Exception {
      try (Told part = begin(tracer, context, builder)) {
        try {
          return work.call();
        } catch (InputRequired e) {
          throw e; // It asks.
        } catch (Exception e) {
          part.fail(e instanceof ToolException ? "tool_error" : e.getClass().getName());
          throw e;
        }
      }
    }

    @Override
    public void ran(String sql, long nanos, @Nullable SQLException failure) {
      if (!span().isRecording()) {
        return;
      }
      Instant now = Instant.now();
      String summary = SqlSummary.of(sql);
      SpanBuilder builder =
          tracer
              .spanBuilder(summary)
              .setSpanKind(SpanKind.CLIENT)
              .setParent(context)
              .setStartTimestamp(now.minusNanos(nanos))
              .setAttribute("db.system.name", "postgresql")
              .setAttribute("db.query.summary", summary);
      io.opentelemetry.api.trace.Span statement = builder.startSpan();
      if (failure != null) {
        String state = String.valueOf(failure.getSQLState());
        statement
            .setAttribute("db.response.status_code", state)
            .setAttribute("error.type", state)
            .setStatus(StatusCode.ERROR);
      }
      statement.end(now);
    }

    @Override
    public void putInto(BiConsumer<String, String> carrier) {
      W3C.inject(context, null, (_, name, value) -> carrier.accept(name, value));
    }

    @Override
    public void set(String name, String value) {
      span().setAttribute(name, value);
    }

    @Override
    public void set(String name, long value) {
      span().setAttribute(name, value);
    }

    @Override
    public void fail(String type) {
      if (!failed) {
        failed = true;
        span().setAttribute("error.type", type).setStatus(StatusCode.ERROR);
      }
    }

    @Override
    public @Nullable String traceId() {
      SpanContext own = span().getSpanContext();
      return own.isSampled() ? own.getTraceId() : null;
    }

    @Override
    public void close() {
      if (before == null) {
        Current.SPAN.remove();
      } else {
        Current.SPAN.set(before);
      }
      span().end();
    }
  }
}
