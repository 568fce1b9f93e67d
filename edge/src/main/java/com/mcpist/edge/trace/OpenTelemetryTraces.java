package com.mcpist.edge.trace;

import com.mcpist.edge.pool.Origin;
import com.mcpist.edge.wire.Payload;
import com.mcpist.edge.wire.Payload.Message;
import com.mcpist.telemetry.TraceSdk;
import com.mcpist.telemetry.TraceSettings;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapPropagator;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.net.URI;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Reports calls to an OpenTelemetry collector, by the semantic conventions for MCP. */
public final class OpenTelemetryTraces implements Traces {
  private static final TextMapPropagator W3C = W3CTraceContextPropagator.getInstance();
  private static final String TRACE_PARENT = "traceparent";
  private static final String TRACE_STATE = "tracestate";
  private static final int LONGEST_NAME = 128;
  private static final long CLOSE_SECONDS = 1;

  /** The length of the longest value of W3C's that is used. Each span keeps the values. */
  private static final int LONGEST_VALUE = 512;

  private final Vertx vertx;
  private final OpenTelemetrySdk sdk;
  private final Tracer tracer;

  private OpenTelemetryTraces(Vertx vertx, OpenTelemetrySdk sdk) {
    this.vertx = vertx;
    this.sdk = sdk;
    this.tracer = sdk.getTracer("com.mcpist.edge");
  }

  /**
   * Creates the traces, without connecting to anything yet.
   *
   * @throws IllegalArgumentException naming a variable that is malformed
   */
  public static OpenTelemetryTraces start(Vertx vertx, TraceSettings settings) {
    return new OpenTelemetryTraces(
        vertx, TraceSdk.start(settings, "mcpist-edge", Attributes.empty()));
  }

  @Override
  public Span begin(String callId, MultiMap headers, Supplier<Payload> body) {
    List<Message> messages = body.get().messages();
    Message first = messages.isEmpty() ? null : messages.getFirst();
    String method = first == null || first.method() == null ? "" : first.method();
    String named = first == null || first.name() == null ? "" : first.name();
    boolean calls = method.equals("tools/call");
    String target = calls || method.equals("prompts/get") ? named : "";
    SpanBuilder span =
        tracer
            .spanBuilder(method.isEmpty() ? "POST" : cut((method + " " + target).strip()))
            .setSpanKind(SpanKind.SERVER)
            .setParent(parent(first, headers))
            .setAttribute("mcpist.call_id", callId);
    put(span, "mcp.method.name", method);
    put(span, "mcp.protocol.version", headers.get("MCP-Protocol-Version"));
    put(span, "gen_ai.operation.name", calls ? "execute_tool" : "");
    put(span, calls ? "gen_ai.tool.name" : "gen_ai.prompt.name", target);
    if (first != null && first.id() != null) {
      put(span, "jsonrpc.request.id", first.id().replace("\"", ""));
    }
    return ScopedValue.where(TraceSdk.CALL, callId)
        .call(() -> new Told(tracer, Context.root().with(span.startSpan())));
  }

  private static void put(SpanBuilder span, String attribute, @Nullable String value) {
    if (value != null && !value.isEmpty()) {
      span.setAttribute(attribute, value);
    }
  }

  private static String cut(String text) {
    return text.substring(0, Math.min(text.length(), LONGEST_NAME));
  }

  /**
   * Returns the trace that the call is part of. The trace in the message is closer to the call than
   * a trace that a proxy may have put into a header.
   */
  private static Context parent(@Nullable Message message, MultiMap headers) {
    boolean told = message != null && message.traceParent() != null;
    return W3C.extract(
        Context.root(),
        message,
        (from, name) -> bounded(told ? of(from, name) : headers.get(name)));
  }

  private static @Nullable String bounded(@Nullable String value) {
    return value == null || value.length() > LONGEST_VALUE ? null : value;
  }

  private static @Nullable String of(@Nullable Message message, String name) {
    return message == null
        ? null
        : name.equals(TRACE_PARENT) ? message.traceParent() : message.traceState();
  }

  private record Told(Tracer tracer, Context context) implements Span {
    private io.opentelemetry.api.trace.Span span() {
      return io.opentelemetry.api.trace.Span.fromContext(context);
    }

    @Override
    public Span attempt(Origin origin, int number) {
      SpanBuilder attempt =
          tracer
              .spanBuilder("attempt " + origin.name())
              .setSpanKind(SpanKind.CLIENT)
              .setParent(context)
              .setAttribute("mcpist.origin", origin.name())
              .setAttribute("mcpist.attempt", (long) number);
      URI url = origin.url();
      put(attempt, "server.address", Origin.isSocket(url) ? url.getPath() : url.getHost());
      return new Told(tracer, context.with(attempt.startSpan()));
    }

    @Override
    public void putInto(MultiMap headers) {
      // The client's trace state may be of another trace.
      headers.remove(TRACE_STATE);
      W3C.inject(context, null, (_, name, value) -> headers.set(name, value));
    }

    @Override
    public void set(String name, long value) {
      span().setAttribute(name, value);
    }

    @Override
    public void fail(String type) {
      span().setAttribute("error.type", type).setStatus(StatusCode.ERROR);
    }

    @Override
    public void end() {
      span().end();
    }

    @Override
    public @Nullable String traceId() {
      SpanContext own = span().getSpanContext();
      return own.isSampled() ? own.getTraceId() : null;
    }
  }

  @Override
  public Future<Void> close() {
    Promise<Void> closed = Promise.promise();
    CompletableResultCode all = sdk.shutdown();
    all.whenComplete(closed::tryComplete);
    vertx.timer(CLOSE_SECONDS, TimeUnit.SECONDS).onComplete(_ -> closed.tryComplete());
    return closed.future();
  }
}
