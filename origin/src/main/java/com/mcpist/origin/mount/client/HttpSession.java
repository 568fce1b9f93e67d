package com.mcpist.origin.mount.client;

import com.mcpist.origin.mcp.MirroredHeaders;
import com.mcpist.origin.mount.client.MountException.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import javax.net.ssl.SSLHandshakeException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** A session over Streamable HTTP, or what stands for one where the server has none. */
final class HttpSession implements Session {
  private static final Logger LOG = LoggerFactory.getLogger(HttpSession.class);

  static {
    // Node.js closes an idle connection after 5 s; a request that it crosses has no certain
    // outcome.
    System.setProperty("jdk.httpclient.keepalive.timeout", "3");
  }

  /** One for all: it has a thread, and nothing of a server's. */
  private static final HttpClient CLIENT =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .followRedirects(HttpClient.Redirect.NEVER)
          .connectTimeout(Duration.ofSeconds(10))
          .executor(Executors.newVirtualThreadPerTaskExecutor())
          .build();

  /** For what is told without an answer, and for the question which era a server is of. */
  private static final Duration NOTICE_LIMIT = Duration.ofSeconds(10);

  private static final Duration GOODBYE_LIMIT = Duration.ofSeconds(1);
  private static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);

  /** Attempts in a row to go on with a stream that bring nothing new. */
  private static final int MOST_RESUMES = 5;

  /** A server says by these that it has not taken the request. */
  private static final Set<Integer> NOT_RUN =
      Set.of(400, 401, 403, 404, 405, 406, 413, 415, 421, 429);

  /** JSON-RPC's code for headers that do not say what the body says. */
  private static final int HEADER_MISMATCH = -32020;

  private static final MirroredHeaders NOT_MIRRORED = new MirroredHeaders(List.of());

  /** Where a server is, and what each request shows it. */
  record Endpoint(URI url, Map<String, String> headers, Redaction redaction) {
    @Override
    public String toString() {
      return "Endpoint[redacted]";
    }
  }

  /** Where in a stream of events one is. */
  private static final class Place {
    private String id = "";
    private int retry = 1000;
    private int resumes;
  }

  private final Endpoint endpoint;
  private final Flights flights;
  private final Map<String, MirroredHeaders> mirrored = new ConcurrentHashMap<>();
  private final Consumer<String> onEnd;
  private final Hello hello;
  private final @Nullable Thread listening;
  private volatile String revision = "";
  private volatile String id = "";
  private volatile boolean over;

  /**
   * Agrees on a revision until the deadline.
   *
   * @param listens whether the server's changes are to be heard of, by a stream of their own
   */
  HttpSession(
      Endpoint endpoint,
      Duration timeout,
      boolean listens,
      Consumer<String> onListChanged,
      Consumer<String> onEnd,
      long deadline)
      throws MountException, InterruptedException {
    this.endpoint = endpoint;
    this.flights = new Flights(timeout, onListChanged);
    this.onEnd = onEnd;
    this.hello = agree(deadline);
    this.listening =
        listens && Handshake.offersChanges(hello)
            ? Thread.ofVirtual().name("mount-listen").start(this::listen)
            : null;
  }

  /** server/discover comes first: an older server refuses it, in whatever way, and lives on. */
  private Hello agree(long deadline) throws MountException, InterruptedException {
    try {
      revision = Handshake.MODERN;
      long soon = Math.min(deadline, System.nanoTime() + NOTICE_LIMIT.toNanos());
      return Handshake.discover((method, params) -> exchange(method, params, Flight.NOBODY, soon));
    } catch (MountException e) {
      revision = "";
    }
    Hello older =
        Handshake.initialize((method, params) -> exchange(method, params, Flight.NOBODY, deadline));
    revision = older.revision();
    tell(Wire.notification("notifications/initialized"));
    return older;
  }

  @Override
  public Hello hello() {
    return hello;
  }

  @Override
  public ObjectNode request(String method, ObjectNode params, Listener listener, long deadline)
      throws MountException, InterruptedException {
    try {
      ObjectNode result = exchange(method, params, listener, deadline);
      if (isModern() && method.equals("tools/list")) {
        learn(result);
      }
      return result;
    } catch (MountException e) {
      if (e.code() != HEADER_MISMATCH || !method.equals("tools/call")) {
        throw e;
      }
    }
    // It was not run: the tool wants headers that are not known yet.
    String cursor = "";
    do {
      ObjectNode page = Wire.object();
      ObjectNode list =
          request(
              "tools/list",
              cursor.isEmpty() ? page : page.put("cursor", cursor),
              listener,
              deadline);
      cursor = list.path("nextCursor").asString("");
    } while (!cursor.isEmpty());
    return exchange(method, params, listener, deadline);
  }

  /** Which arguments of a tool are repeated in headers. */
  private void learn(ObjectNode list) {
    for (JsonNode tool : list.path("tools")) {
      try {
        mirrored.put(tool.path("name").asString(""), MirroredHeaders.of(tool.path("inputSchema")));
      } catch (IllegalArgumentException e) {
        // Its calls are refused by the server.
      }
    }
  }

  private ObjectNode exchange(String method, ObjectNode params, Listener listener, long deadline)
      throws MountException, InterruptedException {
    long number = flights.nextId();
    Flight flight = new Flight(listener);
    flights.begin(number, flight);
    ObjectNode asked = flight.isCall() ? Handshake.params(params, number, isModern()) : params;
    ObjectNode message = Wire.request(number, method, asked);
    Thread sender = Thread.ofVirtual().name("mount-http").start(() -> send(message, flight));
    boolean lost = true;
    try {
      ObjectNode result = flight.await(deadline);
      lost = false;
      return result;
    } catch (MountException e) {
      lost = e.kind() == Kind.UNKNOWN;
      throw e;
    } finally {
      flights.end(number, lost);
      sender.interrupt(); // Ends its connection, by which the newest revision cancels.
      if (lost && flight.isCall() && !isModern() && !over) {
        Thread.startVirtualThread(() -> cancel(number));
      }
    }
  }

  private boolean isModern() {
    return revision.equals(Handshake.MODERN);
  }

  private void cancel(long number) {
    try {
      tell(Wire.cancelled(number));
    } catch (MountException e) {
      // It goes on in vain.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Sends a request, and takes what comes until it is answered. */
  private void send(ObjectNode message, Flight flight) {
    try {
      Place place = new Place();
      try {
        receive(CLIENT.send(post(message).build(), BodyHandlers.ofInputStream()), place, flight);
      } catch (ConnectException | HttpConnectTimeoutException | SSLHandshakeException e) {
        throw MountException.notSent("it cannot be reached: " + shown(e));
      } catch (IOException e) {
        if (place.id.isEmpty() || isModern()) {
          throw MountException.unknown("its connection broke: " + shown(e));
        }
      }
      while (!flight.isAnswered() && !place.id.isEmpty() && !isModern()) {
        resume(place, flight);
      }
      if (!flight.isAnswered()) {
        throw MountException.unknown("it has not answered");
      }
    } catch (MountException e) {
      flight.offer(new Flight.Event.Broken(e));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // Nobody waits any more.
    } catch (RuntimeException e) {
      LOG.warn("An answer of a mounted server cannot be read", e);
      flight.offer(new Flight.Event.Broken(MountException.unknown("its answer cannot be read")));
    }
  }

  private String shown(Exception e) {
    return endpoint.redaction().shown(String.valueOf(e.getMessage()));
  }

  private void resume(Place place, Flight flight) throws MountException, InterruptedException {
    if (place.resumes++ == MOST_RESUMES) {
      throw MountException.unknown("its answer broke off");
    }
    Thread.sleep(Math.min(place.retry, LONGEST_PAUSE.toMillis()));
    try {
      HttpRequest request = get().setHeader("Last-Event-ID", place.id).build();
      HttpResponse<InputStream> response = CLIENT.send(request, BodyHandlers.ofInputStream());
      try (InputStream body = response.body()) {
        if (!isStream(response)) {
          throw MountException.unknown("its answer broke off");
        }
        events(body, Wire.MOST_BYTES, place, flight);
      }
    } catch (IOException e) {
      // Again, as often as there is something new.
    }
  }

  private void receive(HttpResponse<InputStream> response, Place place, Flight flight)
      throws MountException, IOException, InterruptedException {
    try (InputStream body = response.body()) {
      if (isStream(response)) {
        agreed(response);
        events(body, Wire.MOST_BYTES, place, flight);
        return;
      }
      List<ObjectNode> messages = messages(response, body);
      if (response.statusCode() / 100 != 2) {
        throw refused(response.statusCode(), messages.stream().findFirst(), flight);
      }
      agreed(response);
      messages.forEach(message -> flights.take(message, flight, this::tell));
    }
  }

  /** The session that the answer to initialize begins. */
  private void agreed(HttpResponse<InputStream> response) {
    if (revision.isEmpty()) {
      id = response.headers().firstValue("Mcp-Session-Id").orElse("");
    }
  }

  private static boolean isStream(HttpResponse<InputStream> response) {
    String type = response.headers().firstValue("Content-Type").orElse("");
    return response.statusCode() == 200
        && type.toLowerCase(Locale.ROOT).startsWith("text/event-stream");
  }

  private static List<ObjectNode> messages(HttpResponse<InputStream> response, InputStream body)
      throws MountException, IOException, InterruptedException {
    try (Lines lines = new Lines(body, Wire.MOST_BYTES, () -> close(body))) {
      byte[] text = lines.rest();
      return text.length == 0 ? List.of() : Wire.messages(text);
    } catch (JacksonException e) {
      if (response.statusCode() / 100 != 2) {
        return List.of(); // A page for people.
      }
      throw MountException.unknown("its answer is no message");
    }
  }

  private static void close(InputStream body) {
    try {
      body.close();
    } catch (IOException e) {
      // It is closed.
    }
  }

  /** Until the request is answered, where there is one, or the stream ends. */
  private void events(InputStream body, int most, Place place, @Nullable Flight flight)
      throws IOException, InterruptedException {
    try (Lines lines = new Lines(body, most, () -> close(body))) {
      for (var next = lines.event(); next.isPresent(); next = lines.event()) {
        Lines.Event event = next.get();
        place.id = event.id().isEmpty() ? place.id : event.id();
        place.retry = event.retry() < 0 ? place.retry : event.retry();
        if (event.data().length > 0) {
          place.resumes = 0;
          for (ObjectNode message : Wire.messages(event.data())) {
            flights.take(message, flight, this::tell);
          }
        }
        if (flight != null && flight.isAnswered()) {
          return;
        }
      }
    } catch (JacksonException e) {
      throw new IOException("it sent an event that is no message", e);
    }
  }

  /** What an answer with an error of HTTP means. */
  private MountException refused(int status, Optional<ObjectNode> message, Flight flight) {
    ObjectNode error = message.map(it -> Wire.object(it, "error")).orElseGet(Wire::object);
    String text = endpoint.redaction().shown(error.path("message").asString(""));
    boolean lost =
        status == 404 || (status == 400 && text.toLowerCase(Locale.ROOT).contains("session"));
    boolean strange = isModern() && error.isEmpty() && NOT_RUN.contains(status);
    if (flight.isCall() && ((lost && !id.isEmpty()) || strange)) {
      finish();
      return MountException.notSent("its session is over");
    }
    boolean named = isModern() || message.map(it -> it.path("id").isNumber()).orElse(false);
    if (!error.isEmpty() && named) {
      return MountException.answered(error);
    }
    String what = "it answered HTTP " + status + (text.isEmpty() ? "" : ": " + text);
    if (status / 100 == 3) {
      return MountException.notSent(what + ". Redirects are not followed: give its address");
    }
    return NOT_RUN.contains(status) ? MountException.notSent(what) : MountException.unknown(what);
  }

  /** Sends what has no answer. */
  private void tell(ObjectNode message) throws MountException, InterruptedException {
    try {
      HttpRequest request = post(message).timeout(NOTICE_LIMIT).build();
      HttpResponse<Void> response = CLIENT.send(request, BodyHandlers.discarding());
      if (response.statusCode() / 100 != 2) {
        throw MountException.notSent("it answered HTTP " + response.statusCode());
      }
    } catch (IOException e) {
      throw MountException.unknown("its connection broke: " + shown(e));
    }
  }

  private HttpRequest.Builder post(ObjectNode message) throws MountException {
    HttpRequest.Builder request =
        builder()
            .setHeader("Content-Type", "application/json")
            .setHeader("Accept", "application/json, text/event-stream")
            .POST(BodyPublishers.ofByteArray(Wire.bytes(message)));
    String method = message.path("method").asString("");
    if (isModern() && !method.isEmpty()) {
      request.setHeader("Mcp-Method", method);
      String field = method.equals("resources/read") ? "uri" : "name";
      if (Set.of("tools/call", "prompts/get", "resources/read").contains(method)) {
        String name = message.path("params").path(field).asString("");
        request.setHeader("Mcp-Name", MirroredHeaders.encoded(name));
        mirrored
            .getOrDefault(method.equals("tools/call") ? name : "", NOT_MIRRORED)
            .headers(Wire.object(message.path("params"), "arguments"))
            .forEach(request::setHeader);
      }
    }
    return request;
  }

  private HttpRequest.Builder builder() throws MountException {
    HttpRequest.Builder request = HttpRequest.newBuilder(endpoint.url());
    for (var header : endpoint.headers().entrySet()) {
      try {
        request.setHeader(header.getKey(), header.getValue());
      } catch (IllegalArgumentException e) {
        // Its own message quotes the value.
        throw MountException.notSent("HTTP does not allow the header " + header.getKey());
      }
    }
    if (!revision.isEmpty()) {
      request.setHeader("MCP-Protocol-Version", revision);
    }
    if (!id.isEmpty()) {
      request.setHeader("Mcp-Session-Id", id);
    }
    return request;
  }

  private HttpRequest.Builder get() throws MountException {
    return builder().setHeader("Accept", "text/event-stream").GET();
  }

  /** Hears of changes to the server's lists, on a stream that is opened again and again. */
  private void listen() {
    Duration pause = Duration.ofSeconds(1);
    try {
      while (!over) {
        try {
          HttpRequest.Builder request =
              isModern()
                  ? post(Wire.request(flights.nextId(), Handshake.LISTEN, Handshake.listen()))
                  : get();
          HttpResponse<InputStream> response =
              CLIENT.send(request.build(), BodyHandlers.ofInputStream());
          try (InputStream body = response.body()) {
            if (response.statusCode() / 100 == 4) {
              return; // It has no such stream.
            }
            if (isStream(response)) {
              pause = Duration.ofSeconds(1);
              events(body, Wire.LARGE, new Place(), null);
            }
          }
        } catch (IOException e) {
          // It is opened again.
        }
        Thread.sleep(pause);
        pause = pause.plus(pause).compareTo(LONGEST_PAUSE) < 0 ? pause.plus(pause) : LONGEST_PAUSE;
      }
    } catch (MountException e) {
      // Its calls say what is wrong.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public boolean isOver() {
    return over;
  }

  @Override
  public long pid() {
    return 0;
  }

  @Override
  public long residentBytes() {
    return 0;
  }

  /** The server does not know the session any more, or another speaks at its address. */
  private void finish() {
    onEnd.accept(""); // First, so that whoever finds it over gets another one.
    over = true;
    if (listening != null) {
      listening.interrupt();
    }
  }

  @Override
  public void close() {
    finish();
    flights.broken(MountException.unknown("it was closed"));
    if (!id.isEmpty()) {
      try {
        HttpRequest goodbye = builder().timeout(GOODBYE_LIMIT).DELETE().build();
        HttpResponse<Void> _ = CLIENT.send(goodbye, BodyHandlers.discarding());
      } catch (IOException | MountException e) {
        // The session ends without it some time.
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
