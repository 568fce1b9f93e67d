package com.mcpist.cli.pair;

import module java.base;

import com.mcpist.cli.console.Failure;
import com.mcpist.cli.site.SiteCommand.PairCommand;
import com.mcpist.deploy.http.SocketHttp;
import com.mcpist.deploy.secret.Secret;
import com.mcpist.pair.control.PairStatus;
import com.mcpist.pair.control.PairStatus.PairAccess;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "metrics",
    description = {
      "Prints the metrics of a program of the pair, for Prometheus.",
      "",
      "The programs are the edge and the origins. They listen on Unix sockets, which"
          + " Prometheus cannot read: let a timer write the output into a folder of"
          + " node_exporter's textfile collector."
    },
    footer = {
      "  mcpist metrics",
      "  mcpist metrics koyeb-primary",
      "  # The calls that an origin has answered:",
      "  mcpist metrics koyeb-primary | grep mcpist_requests_total"
    })
public final class MetricsCommand extends PairCommand {
  private static final Duration LIMIT = Duration.ofSeconds(10);
  private static final String EDGE = "edge";
  private static final int OK = 200;

  @Option(names = "--openmetrics", description = "Print OpenMetrics, with exemplars of slow calls.")
  private boolean openMetrics;

  @Parameters(
      arity = "0..1",
      paramLabel = "PROGRAM",
      defaultValue = EDGE,
      description = "edge, or an origin's name (default: ${DEFAULT-VALUE}).")
  private String program;

  // picocli sets the field.
  @SuppressWarnings("NullAway.Init")
  MetricsCommand() {}

  @Override
  public Integer call() throws Exception {
    PairAccess access = pair().access().orElseThrow(() -> Failure.failed(pair().nothingRuns()));
    String text =
        program.equals(EDGE)
            ? metrics(access.edgeAdmin(), access.edgeAdminToken())
            : metrics(origin(), access.adminToken());
    System.out.print(text);
    System.out.flush();
    return ExitCode.OK;
  }

  private URI origin() throws Exception {
    PairStatus status = pair().status().orElseThrow(() -> Failure.failed(pair().nothingRuns()));
    for (PairStatus.Origin origin : status.origins()) {
      if (origin.name().equals(program)) {
        return URI.create(origin.url());
      }
    }
    Stream<String> origins = status.origins().stream().map(PairStatus.Origin::name);
    List<String> known = Stream.concat(Stream.of(EDGE), origins).toList();
    throw Failure.unknown("there is no program", program, known);
  }

  private String metrics(URI socket, Secret token) throws Failure, InterruptedException {
    String accepted = openMetrics ? "application/openmetrics-text" : "text/plain";
    SocketHttp.Request request =
        SocketHttp.Request.of("GET", "/metrics")
            .with("Authorization", "Bearer " + token.reveal())
            .with("Accept", accepted);
    SocketHttp.Response response;
    try {
      response = SocketHttp.send(socket, request, LIMIT);
    } catch (IOException e) {
      throw Failure.failed(
          "%s does not answer: %s. `mcpist status` tells how it is."
              .formatted(program, e.getMessage()));
    }
    if (response.status() != OK) {
      throw Failure.failed("%s answers with HTTP %d.".formatted(program, response.status()));
    }
    return response.text();
  }
}
