package com.mcpist.pair.control;

import module java.base;

import com.mcpist.deploy.platform.PlatformException.Kind;
import com.mcpist.pair.data.PairException;
import com.mcpist.pair.data.SecretJson;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Where a folder's supervisor is asked. That the socket's folder is private authenticates. */
public final class ControlSocket {
  private static final JsonMapper JSON = SecretJson.MAPPER;

  private ControlSocket() {}

  /** IOException: nobody listens, or the answer breaks off. PairException: it takes too long. */
  public static <T> Answer<T> ask(
      Sockets sockets, Request request, Class<T> type, Duration limit, Consumer<String> step)
      throws IOException, PairException, InterruptedException {
    Path socket = sockets.control();
    if (!sockets.isPrivate()) {
      throw new IOException("no supervisor of ours listens at " + socket);
    }
    try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      channel.connect(UnixDomainSocketAddress.of(socket));
      FutureTask<Answer<T>> answer = new FutureTask<>(() -> exchange(channel, request, type, step));
      Thread.ofVirtual().start(answer);
      return answer.get(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw new PairException(
          "the supervisor does not answer within " + limit.toSeconds() + " s", e);
    } catch (ExecutionException e) {
      throw new IOException("the supervisor went away", e);
    }
  }

  private static <T> Answer<T> exchange(
      SocketChannel channel, Request request, Class<T> type, Consumer<String> step)
      throws IOException {
    write(channel, request);
    BufferedReader lines = lines(channel);
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      JsonNode read = JSON.readTree(line);
      if (read.has("done")) {
        return new Answer.Done<>(JSON.treeToValue(read.path("done"), type));
      }
      JsonNode refused = read.path("refused");
      if (refused.isObject()) {
        return new Answer.Refused<>(
            JSON.treeToValue(refused.path("kind"), Kind.class),
            refused.path("problem").asString(""),
            refused.path("advice").asString(""));
      }
      step.accept(read.path("step").asString(""));
    }
    throw new IOException("no answer");
  }

  @FunctionalInterface
  public interface Handler {
    /** Does it, tells what is being done where that takes long, and returns what was asked for. */
    Object answer(Request request, Consumer<String> step)
        throws PairException, InterruptedException;
  }

  /** Listens; whoever calls has the data folder's lock, so that an old socket is nobody's. */
  public static Server listen(Sockets sockets, Handler handler) throws PairException {
    sockets.create();
    Path socket = sockets.control();
    try {
      Files.deleteIfExists(socket);
      ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
      server.bind(UnixDomainSocketAddress.of(socket));
      Server control = new Server(socket, server, handler);
      Thread.ofVirtual().name("control").start(control::accept);
      return control;
    } catch (IOException e) {
      throw new PairException("cannot listen at " + socket + ": " + e.getMessage(), e);
    }
  }

  static void write(SocketChannel channel, Object value) throws IOException {
    ByteBuffer bytes = StandardCharsets.UTF_8.encode(JSON.writeValueAsString(value) + "\n");
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  static BufferedReader lines(SocketChannel channel) {
    return new BufferedReader(
        new InputStreamReader(Channels.newInputStream(channel), StandardCharsets.UTF_8));
  }

  /** Answers each line by {@code done} or {@code refused}, after any number of {@code step}. */
  public record Server(Path socket, ServerSocketChannel server, Handler handler)
      implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Server.class);

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
          BufferedReader lines = lines(connection)) {
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
          write(connection, answer(connection, line));
        }
      } catch (IOException e) {
        LOG.debug("a command line went away", e);
      }
    }

    private Map<String, Object> answer(SocketChannel connection, String line) {
      try {
        Request request = JSON.readValue(line, Request.class);
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
        write(connection, Map.of("step", step));
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

  public sealed interface Answer<T> {
    record Done<T>(T value) implements Answer<T> {}

    /** NOT_FOUND: the caller named what is not there. The advice is a sentence, or empty. */
    record Refused<T>(Kind kind, String problem, String advice) implements Answer<T> {
      public String told() {
        return advice.isEmpty()
            ? problem
            : problem
                + ": "
                + advice.substring(0, 1).toLowerCase(Locale.ROOT)
                + advice.substring(1);
      }
    }

    /** Nobody listens, or the answer broke off; one plain sentence says why. */
    record Unknown<T>(String why) implements Answer<T> {}

    default Optional<T> ifDone() {
      return this instanceof Done<T>(T value) ? Optional.of(value) : Optional.empty();
    }
  }

  /** A line of docs/design/processes.md; what its command does not need is empty, or left out. */
  public record Request(
      String command,
      String origin,
      String release,
      String digest,
      Map<String, String> env,
      Map<String, String> secrets) {

    /** What a line leaves out is null as it is read. */
    public Request {
      command = Objects.requireNonNullElse(command, "");
      origin = Objects.requireNonNullElse(origin, "");
      release = Objects.requireNonNullElse(release, "");
      digest = Objects.requireNonNullElse(digest, "");
      env = Map.copyOf(Objects.requireNonNullElse(env, Map.of()));
      secrets = Map.copyOf(Objects.requireNonNullElse(secrets, Map.of()));
    }

    public static Request of(String command) {
      return of(command, "", Map.of());
    }

    public static Request of(String command, String origin) {
      return of(command, origin, Map.of());
    }

    /** Of the pair where the origin is empty, with secrets. */
    public static Request of(String command, String origin, Map<String, String> secrets) {
      return new Request(command, origin, "", "", Map.of(), secrets);
    }

    /** Never the secrets. */
    @Override
    public String toString() {
      return "Request[" + command + " " + origin + "]";
    }
  }
}
