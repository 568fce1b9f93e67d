package com.mcpist.telemetry;

import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.TraceId;
import io.opentelemetry.exporter.internal.FailedExportException.HttpExportException;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.autoconfigure.AutoConfiguredOpenTelemetrySdk;
import io.opentelemetry.sdk.autoconfigure.spi.ConfigurationException;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.IdGenerator;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.util.Collection;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.logging.Level;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** OpenTelemetry's SDK as its own variables configure it, for traces alone. */
public final class TraceSdk {
  private static final Logger LOG = LoggerFactory.getLogger("Traces");

  /** It tells of each batch that is not taken. Kept here, or its level would be forgotten. */
  private static final java.util.logging.Logger SDK_LOG =
      java.util.logging.Logger.getLogger("io.opentelemetry");

  private static final Pattern PROPERTY = Pattern.compile("otel(?:\\.[a-z]+)+");

  /** The call that a trace is begun for. */
  public static final ScopedValue<String> CALL = ScopedValue.newInstance();

  private TraceSdk() {}

  /**
   * Starts it; a queue of spans, and a thread that sends them.
   *
   * @param service the service's name where no variable has another
   * @throws IllegalArgumentException naming a variable that is malformed, not its value
   */
  public static OpenTelemetrySdk start(
      TraceSettings settings, String service, Attributes resource) {
    SDK_LOG.setLevel(Level.OFF);
    try {
      return AutoConfiguredOpenTelemetrySdk.builder()
          .disableShutdownHook()
          .addPropertiesCustomizer(_ -> properties(settings, service))
          .addResourceCustomizer((given, _) -> given.merge(Resource.create(resource)))
          .addTracerProviderCustomizer((provider, _) -> provider.setIdGenerator(new Ids()))
          .addSpanExporterCustomizer((exporter, _) -> new Exporter(exporter))
          .build()
          .getOpenTelemetrySdk();
    } catch (ConfigurationException e) {
      throw new IllegalArgumentException(problem(e)); // Without the cause, which has the value.
    }
  }

  private static Map<String, String> properties(TraceSettings settings, String service) {
    Map<String, String> properties = new HashMap<>();
    properties.put("otel.service.name", service);
    // Whatever a client names itself or a tool.
    properties.put("otel.attribute.value.length.limit", "256");
    settings
        .variables()
        .forEach(
            (name, value) ->
                properties.put(name.toLowerCase(Locale.ROOT).replace('_', '.'), value));
    properties.put("otel.metrics.exporter", "none");
    properties.put("otel.logs.exporter", "none");
    return properties;
  }

  private static String problem(ConfigurationException e) {
    Matcher property = PROPERTY.matcher(String.valueOf(e.getMessage()));
    String variable =
        property.find()
            ? property.group().toUpperCase(Locale.ROOT).replace('.', '_')
            : "OTEL_EXPORTER_OTLP_ENDPOINT, or another of OpenTelemetry's variables,";
    return variable + " is malformed";
  }

  /**
   * A trace that no client has begun has an id made of its call's: attempts at several origins are
   * in one trace, also if their edge has none.
   */
  private static final class Ids implements IdGenerator {
    private static final IdGenerator RANDOM = IdGenerator.random();

    @Override
    public String generateSpanId() {
      return RANDOM.generateSpanId();
    }

    @Override
    public String generateTraceId() {
      try {
        return CALL.isBound() ? of(UUID.fromString(CALL.get())) : RANDOM.generateTraceId();
      } catch (IllegalArgumentException _) {
        return RANDOM.generateTraceId();
      }
    }

    /** Samplers take the second half for random; of a UUID's, two bits are the same in all. */
    private static String of(UUID call) {
      long high = call.getMostSignificantBits();
      return TraceId.fromLongs(high, call.getLeastSignificantBits() ^ (high << (Long.SIZE - 2)));
    }
  }

  /** Tells once that spans are not taken, and once that they are again. */
  private record Exporter(SpanExporter exporter, AtomicBoolean failing) implements SpanExporter {
    Exporter(SpanExporter exporter) {
      this(exporter, new AtomicBoolean());
    }

    @Override
    public CompletableResultCode export(Collection<SpanData> spans) {
      CompletableResultCode result = exporter.export(spans);
      return result.whenComplete(() -> tell(result));
    }

    private void tell(CompletableResultCode result) {
      boolean failed = !result.isSuccess();
      if (failing.getAndSet(failed) != failed) {
        if (failed) {
          LOG.warn("Traces are lost, and calls go on: {}", why(result.getFailureThrowable()));
        } else {
          LOG.info("Traces are taken again");
        }
      }
    }

    private static String why(@Nullable Throwable failure) {
      if (failure instanceof HttpExportException http && http.getResponse() != null) {
        return "the collector answers with status " + http.getResponse().getStatusCode();
      }
      return "the collector does not answer";
    }

    @Override
    public CompletableResultCode flush() {
      return exporter.flush();
    }

    @Override
    public CompletableResultCode shutdown() {
      return exporter.shutdown();
    }
  }
}
