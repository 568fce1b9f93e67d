package com.mcpist.pair.control;

import com.mcpist.deploy.platform.PlatformException.Kind;
import com.mcpist.pair.data.PairException;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;

/**
 * Answers the command line: for each JSON line {@code {"done": …}} or {@code {"refused": …}}, after
 * any number of {@code {"step": …}}.
 */
public final class ControlServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ControlServer.class);

  private final Path socket;
  private final ServerSocketChannel server;
  private final Handler handler;

  /** Who does what is asked. */
  @FunctionalInterface
  public interface Handler {
    /**
     * Does it.
     *
     * @param step told, in a plain line each, what is being done where that takes a while
     * @return what was asked for
     * @throws PairException where it is not done
     */
    Object answer(Request request, Consumer<String> step)
        throws PairException, InterruptedException;
  }

  private ControlServer(Path socket, ServerSocketChannel server, Handler handler) {
    this.socket = socket;
    this.server = server;
    this.handler = handler;
  }

  /** Listens; whoever calls has the data folder's lock, so that an old socket is nobody's. */
  public static ControlServer listen(Path socket, Handler handler) throws PairException {
    ControlSocket.createFolder(socket);
    try {
      Files.deleteIfExists(socket);
      ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
      server.bind(UnixDomainSocketAddress.of(socket));
      ControlServer control = new ControlServer(socket, server, handler);
      Thread.ofVirtual().name("control").start(control::accept);
      return control;
    } catch (IOException e) {
      throw new PairException("cannot listen at " + socket + ": " + e.getMessage(), e);
    }
  }

  private void accept() {
    while (server.isOpen()) {
      try {
        SocketChannel connection = server.accept();
        Thread.ofVirtual().start(() -> serve(connection));
      } catch (IOException e) {
        LOG.debug("the control socket is closed", e);
      }
    }
  }

  private void serve(SocketChannel connection) {
    try (connection;
        BufferedReader lines = ControlSocket.lines(connection)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        ControlSocket.write(connection, answer(connection, line));
      }
    } catch (IOException e) {
      LOG.debug("a command line went away", e);
    }
  }

  private Map<String, Object> answer(SocketChannel connection, String line) {
    try {
      Request request = ControlSocket.JSON.readValue(line, Request.class);
      return Map.of("done", handler.answer(request, step -> tell(connection, step)));
    } catch (PairException e) {
      return refused(e.kind(), String.valueOf(e.getMessage()), e.advice());
    } catch (JacksonException e) {
      LOG.debug("a line that is no request", e);
      return refused(Kind.REJECTED, "not a request", "");
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      return refused(Kind.FAILED, "interrupted", "");
    }
  }

  private static Map<String, Object> refused(Kind kind, String problem, String advice) {
    return Map.of("refused", new Answer.Refused<>(kind, problem, advice));
  }

  /** What was begun is done also when nobody watches any more. */
  private static void tell(SocketChannel connection, String step) {
    try {
      ControlSocket.write(connection, Map.of("step", step));
    } catch (IOException e) {
      LOG.debug("a command line went away", e);
    }
  }

  @Override
  public void close() {
    try {
      server.close();
      Files.deleteIfExists(socket);
    } catch (IOException e) {
      LOG.debug("the control socket stays behind", e);
    }
  }
}
