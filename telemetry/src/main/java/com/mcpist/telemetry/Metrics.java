package com.mcpist.telemetry;

import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.expositionformats.ExpositionFormatWriter;
import io.prometheus.metrics.expositionformats.OpenMetricsTextFormatWriter;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.instrumentation.jvm.JvmGarbageCollectorMetrics;
import io.prometheus.metrics.instrumentation.jvm.JvmMemoryMetrics;
import io.prometheus.metrics.instrumentation.jvm.JvmThreadsMetrics;
import io.prometheus.metrics.instrumentation.jvm.ProcessMetrics;
import io.prometheus.metrics.model.registry.Collector;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.Labels;
import io.vertx.core.buffer.Buffer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What Prometheus is told of this process. */
public final class Metrics {
  private static final ExpositionFormatWriter OPEN_METRICS = OpenMetricsTextFormatWriter.create();
  private static final ExpositionFormatWriter PROMETHEUS = PrometheusTextFormatWriter.create();
  private static final Path STATUS = Path.of("/proc/self/status");

  private final PrometheusRegistry registry = new PrometheusRegistry();

  /** An answer, and its Content-Type. */
  public record Text(String type, Buffer body) {}

  /** Of these, of the process, and of its JVM; {@code program}: edge or origin. */
  public Metrics(String program, List<Collector> collectors) {
    collectors.forEach(registry::register);
    registry.register(
        GaugeWithCallback.builder()
            .name("mcpist_memory_bytes")
            .help("Resident memory")
            .constLabels(Labels.of("program", program))
            .callback(Metrics::resident)
            .build());
    ProcessMetrics.builder().register(registry);
    JvmMemoryMetrics.builder().register(registry);
    JvmGarbageCollectorMetrics.builder().register(registry);
    JvmThreadsMetrics.builder().register(registry);
  }

  /** Linux alone tells. */
  private static void resident(GaugeWithCallback.Callback value) {
    try (Stream<String> lines = Files.lines(STATUS)) {
      lines
          .filter(line -> line.startsWith("VmRSS:"))
          .forEach(line -> value.call(Double.parseDouble(line.replaceAll("[^0-9]", "")) * 1024));
    } catch (IOException | UncheckedIOException _) {
      // There is no such file.
    }
  }

  /** As OpenMetrics, with exemplars, where the Accept header names it. Blocks for some files. */
  public Text text(@Nullable String accept) {
    ExpositionFormatWriter writer = OPEN_METRICS.accepts(accept) ? OPEN_METRICS : PROMETHEUS;
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      writer.write(bytes, registry.scrape());
    } catch (IOException e) {
      throw new IllegalStateException("Bytes in memory can be written", e);
    }
    return new Text(writer.getContentType(), Buffer.buffer(bytes.toByteArray()));
  }
}
