package com.mcpist.testkit;

import com.google.protobuf.InvalidProtocolBufferException;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Status;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** Takes traces as an OpenTelemetry collector does, by OTLP over HTTP in protobuf. */
public final class TraceReceiver implements AutoCloseable {
  private static final String PATH = "/v1/traces";
  private static final Duration LIMIT = Duration.ofSeconds(30);

  private final FaultServer server =
      FaultServer.start()
          .handle(request -> Behaviour.status(request.target().equals(PATH) ? 200 : 404));

  /**
   * A span that it was sent, ids in hexadecimal.
   *
   * @param process its resource's attributes
   * @param parent empty: it has none
   * @param kind as {@code SERVER}
   * @param begin nanoseconds since 1970
   */
  public record Told(
      Map<String, String> process,
      String trace,
      String id,
      String parent,
      String name,
      String kind,
      Map<String, String> attributes,
      boolean failed,
      long begin,
      long end) {

    private static Told of(Span span, Map<String, String> process) {
      return new Told(
          process,
          HexFormat.of().formatHex(span.getTraceId().toByteArray()),
          HexFormat.of().formatHex(span.getSpanId().toByteArray()),
          HexFormat.of().formatHex(span.getParentSpanId().toByteArray()),
          span.getName(),
          span.getKind().name().replace("SPAN_KIND_", ""),
          attributes(span.getAttributesList()),
          span.getStatus().getCode() == Status.StatusCode.STATUS_CODE_ERROR,
          span.getStartTimeUnixNano(),
          span.getEndTimeUnixNano());
    }

    private static Map<String, String> attributes(List<KeyValue> given) {
      return given.stream()
          .collect(Collectors.toMap(KeyValue::getKey, each -> text(each.getValue())));
    }

    private static String text(AnyValue value) {
      return value.hasStringValue() ? value.getStringValue() : Long.toString(value.getIntValue());
    }
  }

  /** What switches traces on in a program, which then sends its spans soon. */
  public Map<String, String> variables() {
    return Map.of("OTEL_EXPORTER_OTLP_ENDPOINT", server.url(), "OTEL_BSP_SCHEDULE_DELAY", "50");
  }

  /** Where it is reached, and what it does to requests otherwise. */
  public FaultServer server() {
    return server;
  }

  /** All spans so far. */
  public List<Told> spans() {
    List<Told> all = new ArrayList<>();
    for (HttpMessage request : server.requests()) {
      for (ResourceSpans of : read(request).getResourceSpansList()) {
        Map<String, String> process = Told.attributes(of.getResource().getAttributesList());
        of.getScopeSpansList().stream()
            .flatMap(scope -> scope.getSpansList().stream())
            .map(span -> Told.of(span, process))
            .forEach(all::add);
      }
    }
    return all;
  }

  private static ExportTraceServiceRequest read(HttpMessage request) {
    try {
      return ExportTraceServiceRequest.parseFrom(request.body());
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError(request.toString(), e);
    }
  }

  /** Waits for a span. */
  public Told await(Predicate<Told> wanted) {
    return Conditions.awaitValue(
        "the span is told",
        LIMIT,
        () -> {
          List<Told> all = spans();
          Optional<Told> found = all.stream().filter(wanted).findFirst();
          if (found.isEmpty()) {
            throw new AssertionError(all.toString());
          }
          return found;
        });
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
