package com.mcpist.origin.mcp;

import com.mcpist.module.Invocation.Attempt;
import com.mcpist.origin.mcp.Audit.Transport;
import com.mcpist.origin.trace.Span;
import com.mcpist.origin.trace.Traces;
import java.util.Locale;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** The origin's part of a request in its trace. */
final class CallSpan {
  /** W3C's, in a header or in _meta. */
  static final String TRACE_PARENT = "traceparent";

  static final String TRACE_STATE = "tracestate";

  private CallSpan() {}

  /** Begins it, in the trace of the edge's attempt, or else in the one that the client tells. */
  static Span begin(
      Traces traces, Message.Request request, Attempt attempt, Exchange.Headers headers) {
    if (traces.equals(Traces.OFF)) {
      return Span.NONE;
    }
    ObjectNode meta = request.meta();
    Function<String, @Nullable String> parent =
        headers.get(TRACE_PARENT) != null
            ? headers::get
            : name -> meta.path(name).stringValueOpt().orElse(null);
    boolean named = request.isCall() || request.method().equals("prompts/get");
    String target = named ? request.params().path("name").asString("") : "";
    Span span = traces.serve(request.method(), target, attempt.sending().callId(), parent);
    span.set("mcpist.attempt", attempt.sending().attempt());
    span.set("jsonrpc.request.id", request.id().asString());
    String version = headers.get(Negotiation.VERSION_HEADER);
    if (version != null) {
      span.set("mcp.protocol.version", version);
    }
    return span;
  }

  /** Ends it; null: the attempt has no answer. */
  static void end(Span span, Transport transport, @Nullable ObjectNode answer) {
    if (answer == null) {
      if (transport != Transport.ANSWERED) {
        span.fail(transport.name().toLowerCase(Locale.ROOT));
      }
    } else if (answer.has("error")) {
      String code = answer.path("error").path("code").asString();
      span.set("rpc.response.status_code", code);
      span.fail(code);
    } else if (answer.path("result").path("isError").asBoolean(false)) {
      span.fail("tool_error");
    }
    span.close();
  }
}
