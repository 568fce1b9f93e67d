package com.mcpist.e2e.contract;

import com.mcpist.e2e.harness.EdgeConfig;
import com.mcpist.e2e.harness.Program;
import com.mcpist.e2e.harness.WorkerProcess;
import com.mcpist.testkit.HttpMessage;
import com.mcpist.testkit.Ports;
import com.mcpist.testkit.RawHttp;
import java.io.IOException;
import java.util.Map;
import tools.jackson.databind.node.ObjectNode;

/** The programs that are an edge. */
public enum EdgeKind {
  /** The JVM's. */
  JAVA {
    @Override
    public Running start(ObjectNode config) throws IOException {
      int port = Ports.free();
      int adminPort = Ports.free();
      config.put("host", "127.0.0.1").put("port", port).put("adminPort", adminPort);
      Program program =
          Program.edge(
              Map.of(
                  "EDGE_CONFIG",
                  config.toString(),
                  "GATEWAY_SECRET",
                  EdgeConfig.SECRET,
                  "EDGE_ADMIN_TOKEN",
                  ADMIN_TOKEN));
      program.await("the edge listens", () -> answers(port));
      return new Running(port, adminPort, "", program::log, program::close);
    }
  },
  /** Cloudflare's, in workerd. */
  WORKER {
    @Override
    public Running start(ObjectNode config) throws IOException {
      WorkerProcess worker =
          WorkerProcess.start(
              Map.of(
                  "EDGE_CONFIG",
                  config.toString(),
                  "GATEWAY_SECRET",
                  EdgeConfig.SECRET,
                  "ADMIN_TOKEN",
                  ADMIN_TOKEN));
      return new Running(worker.port(), worker.port(), "/api/edge", worker::log, worker::close);
    }
  };

  private static final String ADMIN_TOKEN = "the-admin-token-of-a-test-0123456789abcdef";

  /** Starts one; what is not said has its default. */
  public abstract Running start(ObjectNode config) throws IOException;

  private static boolean answers(int port) throws IOException {
    return RawHttp.exchange(port, "GET /none HTTP/1.1\r\nHost: localhost\r\n\r\n").status() == 404;
  }

  /** Where a program's log is read. */
  @FunctionalInterface
  interface Log {
    String read() throws IOException;
  }

  /** Ends a program. */
  @FunctionalInterface
  interface Stop {
    void now() throws IOException;
  }

  /**
   * One that runs.
   *
   * @param port where clients ask it
   * @param adminPort where its operator does
   * @param adminPath what stands before each path there
   */
  public record Running(int port, int adminPort, String adminPath, Log lines, Stop stop)
      implements AutoCloseable {
    /** Asks it as its operator. */
    public HttpMessage administer(String method, String path) throws IOException {
      return administer(method, path, "Bearer " + ADMIN_TOKEN);
    }

    /** Asks it with this Authorization. */
    public HttpMessage administer(String method, String path, String authorization)
        throws IOException {
      return RawHttp.exchange(
          adminPort,
          "%s %s%s HTTP/1.1\r\nHost: localhost\r\nAuthorization: %s\r\nContent-Length: 0\r\n\r\n"
              .formatted(method, adminPath, path, authorization));
    }

    /** All that it has logged. */
    public String log() throws IOException {
      return lines.read();
    }

    @Override
    public void close() throws IOException {
      stop.now();
    }
  }
}
