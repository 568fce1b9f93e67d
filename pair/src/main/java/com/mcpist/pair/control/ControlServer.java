package com.mcpist.pair.control;

import com.mcpist.pair.data.PairException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.ObjectMapper;

/** Answers the command line, a JSON line for each JSON line. */
public final class ControlServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ControlServer.class);

  private final Path socket;
  private final ServerSocketChannel server;
  private final ObjectMapper json;
  private final Handler handler;

  /** Who does what is asked. */
  @FunctionalInterface
  public interface Handler {
    /**
     * Does it.
     *
     * @param step told, in a plain line each, what is being done where that takes a while
     */
    Reply answer(Request request, Consumer<String> step);
  }

  private ControlServer(
      Path socket, ServerSocketChannel server, ObjectMapper json, Handler handler) {
    this.socket = socket;
    this.server = server;
    this.json = json;
    this.handler = handler;
  }

  /** Listens; whoever calls has the data folder's lock, so that an old socket is nobody's. */
  public static ControlServer listen(Path socket, ObjectMapper json, Handler handler)
      throws PairException {
    ControlSocket.createFolder(socket);
    try {
      Files.deleteIfExists(socket);
      ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
      server.bind(UnixDomainSocketAddress.of(socket));
      ControlServer control = new ControlServer(socket, server, json, handler);
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
        BufferedReader lines =
            new BufferedReader(
                new InputStreamReader(
                    Channels.newInputStream(connection), StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        write(connection, answer(line, step -> tell(connection, step)));
      }
    } catch (IOException e) {
      LOG.debug("a command line went away", e);
    }
  }

  private void write(SocketChannel connection, Object line) throws IOException {
    ByteBuffer bytes = StandardCharsets.UTF_8.encode(json.writeValueAsString(line) + "\n");
    while (bytes.hasRemaining()) {
      connection.write(bytes);
    }
  }

  /** What was begun is done also when nobody watches any more. */
  private void tell(SocketChannel connection, String step) {
    try {
      write(connection, new Step(step));
    } catch (IOException e) {
      LOG.debug("a command line went away", e);
    }
  }

  private Reply answer(String line, Consumer<String> step) {
    try {
      return handler.answer(json.readValue(line, Request.class), step);
    } catch (JacksonException e) {
      LOG.debug("a line that is no request", e);
      return Reply.wrongUsage("not a request");
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
