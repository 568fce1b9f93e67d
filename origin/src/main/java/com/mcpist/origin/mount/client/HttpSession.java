package com.mcpist.origin.mount.client;

import com.mcpist.module.Claim;
import com.mcpist.origin.mcp.Budget.Charge;
import com.mcpist.origin.mount.client.MountException.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import javax.net.ssl.SSLHandshakeException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** A session over Streamable HTTP. It also stands for the session of a server that has none. */
final class HttpSession implements Session {
  private static final Logger LOG = LoggerFactory.getLogger(HttpSession.class);

  /** The limit of a notice without an answer, and of the first request, which finds the era. */
  private static final Duration NOTICE_LIMIT = Duration.ofSeconds(10);

  private static final Duration GOODBYE_LIMIT = Duration.ofSeconds(1);
  private static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);

  /** The bytes of a page for people that are shown. */
  private static final int MOST_SHOWN = 2 * 1024;

  /** The attempts in a row to resume a stream that bring nothing new. */
  private static final int MOST_RESUMES = 5;

  /** The statuses by which a server says that it has not taken the request. */
  private static final Set<Integer> NOT_RUN =
      Set.of(400, 401, 403, 404, 405, 406, 413, 415, 421, 429);

  /** The code of JSON-RPC for headers that do not say what the body says. */
  private static final int HEADER_MISMATCH = -32020;

  private static final int UNSUPPORTED_REVISION = -32022;

  /** The place in a stream of events, from which the stream is resumed. */
  private static final class Place {
    private String id = "";
    private int retry = 1000;
    private int resumes;
  }

  /** The body of an answer that is no stream. Text that is no JSON is for people, and is cut. */
  private record Body(List<Intake.Message> messages, String text) {}

  private final HttpEndpoint endpoint;
  private final Intake intake;
  private final Flights flights;
  private final Consumer<String> onEnd;
  private final Hello hello;
  private final @Nullable Thread listening;
  private volatile boolean over;

  /**
   * Agrees on a revision until the deadline.
   *
   * @param listens whether the server's changes are listened to, on a stream of their own
   */
  HttpSession(
      HttpEndpoint endpoint,
      Intake intake,
      Duration timeout,
      boolean listens,
      Consumer<String> onListChanged,
      Consumer<String> onUpdated,
      Consumer<String> onEnd,
      long deadline)
      throws MountException, InterruptedException {
    this.endpoint = endpoint;
    this.intake = intake;
    this.flights = new Flights(timeout, intake, onListChanged, onUpdated);
    this.onEnd = onEnd;
    this.hello = agree(deadline);
    this.listening =
        listens && Handshake.offersChanges(hello)
            ? Thread.ofVirtual().name("mount-listen").start(this::listen)
            : null;
  }

  /**
   * Agrees on a revision. The request server/discover comes first: an older server refuses it in
   * some way, and goes on.
   */
  private Hello agree(long deadline) throws MountException, InterruptedException {
    try {
      endpoint.speak(Hello.MODERN);
      long soon = Math.min(deadline, System.nanoTime() + NOTICE_LIMIT.toNanos());
      return Handshake.discover((method, params) -> exchange(method, params, Flight.NOBODY, soon));
    } catch (MountException e) {
      endpoint.speak("");
    }
    Hello older =
        Handshake.initialize((method, params) -> exchange(method, params, Flight.NOBODY, deadline));
    endpoint.speak(older.revision());
    endpoint.tell(Wire.notification("notifications/initialized"));
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
      if (endpoint.isModern() && method.equals("tools/list")) {
        endpoint.learn(result);
      }
      return result;
    } catch (MountException e) {
      if (e.code() != HEADER_MISMATCH || !method.equals("tools/call")) {
        throw e;
      }
    }
    // It was not run: the tool wants headers that are not known yet.
    learn(listener, deadline);
    return exchange(method, params, listener, deadline);
  }

  /** Reads the list of tools, by which the endpoint learns which headers each tool wants. */
  private void learn(Listener listener, long deadline) throws MountException, InterruptedException {
    ObjectNode params = Wire.object();
    int tools = 0;
    int bytes = 0;
    for (int pages = 0; pages < ListLimits.MOST_PAGES; pages++) {
      ObjectNode page = request("tools/list", params, listener, deadline);
      for (JsonNode tool : page.path("tools")) {
        tools++;
        bytes += Wire.bytes(tool).length;
        if (tools > ListLimits.MOST_ENTRIES || bytes > ListLimits.MOST_BYTES) {
          throw MountException.notSent(
              "it lists more than "
                  + ListLimits.MOST_ENTRIES
                  + " tools, or tools of more than 1 MiB");
        }
      }
      String cursor = page.path("nextCursor").asString("");
      if (cursor.isEmpty()) {
        return;
      }
      params = Wire.object().put("cursor", cursor);
    }
    throw MountException.notSent(
        "its list of tools has more than " + ListLimits.MOST_PAGES + " pages");
  }

  private ObjectNode exchange(String method, ObjectNode params, Listener listener, long deadline)
      throws MountException, InterruptedException {
    long number = flights.nextId();
    Flight flight = new Flight(method, listener);
    flights.begin(number, flight);
    ObjectNode asked =
        flight.isCall() ? Handshake.params(params, number, endpoint.isModern()) : params;
    ObjectNode message = Wire.request(number, method, asked);
    Map<String, String> logged = MDC.getCopyOfContextMap();
    Thread sender =
        Thread.ofVirtual()
            .name("mount-http")
            .start(
                () -> {
                  MDC.setContextMap(logged);
                  send(message, number, listener.claim(), flight);
                });
    boolean lost = true;
    try {
      ObjectNode result = flight.await(deadline);
      lost = false;
      return result;
    } catch (MountException e) {
      lost = e.kind() == Kind.UNKNOWN;
      throw e;
    } finally {
      Duration limit = lost ? Duration.ZERO : GOODBYE_LIMIT;
      flights.end(number, lost);
      Thread.startVirtualThread(() -> end(sender, limit));
      if (lost && flight.isCall() && !endpoint.isModern() && !over) {
        Thread.startVirtualThread(() -> cancel(number));
      }
    }
  }

  /**
   * Ends the connection of a request, unless it ends in order. The newest revision cancels a
   * request so.
   */
  private static void end(Thread sender, Duration limit) {
    try {
      if (!sender.join(limit)) {
        sender.interrupt();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void cancel(long number) {
    try {
      endpoint.tell(Wire.cancelled(number));
    } catch (MountException e) {
      // The server goes on in vain.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Sends a request, and takes what comes until it is answered. */
  private void send(ObjectNode message, long number, Claim claim, Flight flight) {
    try {
      Place place = new Place();
      try {
        receive(endpoint.send(message, claim), number, place, flight);
      } catch (ConnectException | HttpConnectTimeoutException | SSLHandshakeException e) {
        throw MountException.notSent("it cannot be reached: " + endpoint.shown(e));
      } catch (IOException e) {
        if (place.id.isEmpty() || endpoint.isModern()) {
          throw MountException.unknown("its connection broke: " + endpoint.shown(e));
        }
      }
      while (!flight.isAnswered() && !place.id.isEmpty() && !endpoint.isModern()) {
        resume(place, flight);
      }
      if (!flight.isAnswered()) {
        throw MountException.unknown("it has not answered");
      }
    } catch (MountException e) {
      flight.offer(new Flight.Event.Broken(e));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // Nobody waits any more.
    } catch (RuntimeException | Error e) {
      LOG.warn("An answer of a mounted server cannot be read", e);
      flight.offer(new Flight.Event.Broken(MountException.unknown("its answer cannot be read")));
    }
  }

  private void resume(Place place, Flight flight) throws MountException, InterruptedException {
    if (place.resumes++ == MOST_RESUMES) {
      throw MountException.unknown("its answer broke off");
    }
    Thread.sleep(Math.min(place.retry, LONGEST_PAUSE.toMillis()));
    try {
      HttpResponse<InputStream> response = endpoint.get(place.id);
      try (InputStream body = response.body()) {
        if (!isStream(response)) {
          throw MountException.unknown("its answer broke off");
        }
        events(body, Wire.MOST_BYTES, place, flight);
      }
    } catch (IOException e) {
      // The stream is resumed again, as long as something new comes.
    }
  }

  private void receive(HttpResponse<InputStream> response, long number, Place place, Flight flight)
      throws MountException, IOException, InterruptedException {
    try (InputStream body = response.body()) {
      if (isStream(response)) {
        endpoint.begin(response);
        events(body, Wire.MOST_BYTES, place, flight);
        return;
      }
      Body whole = body(response, body);
      if (response.statusCode() / 100 == 2) {
        endpoint.begin(response);
        Intake.each(whole.messages(), message -> flights.take(message, flight, endpoint::tell));
      } else {
        refused(response.statusCode(), whole, number, flight);
      }
    }
  }

  private static boolean isStream(HttpResponse<InputStream> response) {
    String type = response.headers().firstValue("Content-Type").orElse("");
    return response.statusCode() == 200
        && type.toLowerCase(Locale.ROOT).startsWith("text/event-stream");
  }

  private Body body(HttpResponse<InputStream> response, InputStream body)
      throws MountException, IOException, InterruptedException {
    byte[] text = new byte[0];
    try (Lines lines = new Lines(body, Wire.MOST_BYTES, intake, () -> close(body))) {
      text = lines.rest();
      return new Body(text.length == 0 ? List.of() : intake.messages(text), "");
    } catch (JacksonException e) {
      if (response.statusCode() / 100 != 2) {
        int shown = Math.min(text.length, MOST_SHOWN);
        return new Body(List.of(), new String(text, 0, shown, StandardCharsets.UTF_8));
      }
      throw MountException.unknown("its answer is no message");
    } catch (Intake.TooComplexException e) {
      if (flights.unreadable(e)) {
        return new Body(List.of(), "");
      }
      throw MountException.unknown("its answer cannot be read. " + e.getMessage());
    }
  }

  private static void close(InputStream body) {
    try {
      body.close();
    } catch (IOException e) {
      // It is closed.
    }
  }

  /** Reads the events of a stream until it ends. */
  private void events(InputStream body, int most, Place place, @Nullable Flight flight)
      throws IOException, InterruptedException {
    try (Lines lines = new Lines(body, most, intake, () -> close(body))) {
      for (var next = lines.event(); next.isPresent(); next = lines.event()) {
        Lines.Event event = next.get();
        place.id = event.id().isEmpty() ? place.id : event.id();
        place.retry = event.retry() < 0 ? place.retry : event.retry();
        if (event.data().length > 0) {
          place.resumes = 0;
          take(event.data(), flight);
        }
      }
    } catch (JacksonException e) {
      throw new IOException("it sent an event that is no message", e);
    }
  }

  private void take(byte[] text, @Nullable Flight flight) throws InterruptedException {
    try {
      Intake.each(intake.messages(text), message -> flights.take(message, flight, endpoint::tell));
    } catch (Intake.TooComplexException e) {
      flights.unreadable(e);
    }
  }

  /**
   * Takes an answer with an error of HTTP. An error of JSON-RPC under the request's own id is the
   * server's answer to the request, whatever its text says: the server may have run it. Throws a
   * MountException for all other answers.
   */
  private void refused(int status, Body body, long number, Flight flight) throws MountException {
    List<Intake.Message> messages = body.messages();
    Intake.Message message = messages.isEmpty() ? null : messages.getFirst();
    Intake.drop(messages.stream().skip(1).toList());
    try {
      ObjectNode json = message == null ? Wire.object() : message.json();
      ObjectNode error = Wire.object(json, "error");
      String text =
          endpoint.shown(error.isEmpty() ? body.text() : error.path("message").asString(""));
      boolean ours = json.path("id").asLong(0) == number;
      if (!isSessionOver(status, error, text, flight)) {
        if (message != null && !error.isEmpty() && (ours || endpoint.isModern())) {
          answer(message, flight);
          message = null;
          return;
        }
        throw refusal(status, text);
      }
      finish();
      if (message == null || !ours || endpoint.isModern()) {
        throw MountException.notSent("its session is over");
      }
      answer(message, flight); // The next call begins another session.
      message = null;
    } finally {
      if (message != null) {
        message.charge().close();
      }
    }
  }

  private static void answer(Intake.Message message, Flight flight) {
    Charge charge = message.charge();
    flight.offer(new Flight.Event.Answer(message.json(), charge, charge.bytes()));
  }

  /**
   * Returns true if the server says by an error of HTTP that it does not know the session any more,
   * or the revision. Many servers answer 400 where the specification has 404.
   */
  private boolean isSessionOver(int status, ObjectNode error, String text, Flight flight) {
    if (!flight.isCall()) {
      return false;
    }
    if (endpoint.isModern()) {
      boolean unknown = error.isEmpty() && Set.of(400, 404, 405).contains(status);
      return unknown || error.path("code").asInt(0) == UNSUPPORTED_REVISION;
    }
    boolean says = status == 400 && text.toLowerCase(Locale.ROOT).contains("session");
    return endpoint.hasSession() && (status == 404 || says);
  }

  private static MountException refusal(int status, String text) {
    String what = "it answered HTTP " + status + (text.isEmpty() ? "" : ": " + text);
    if (status / 100 == 3) {
      return MountException.notSent(what + ". Redirects are not followed: give its address");
    }
    return NOT_RUN.contains(status) ? MountException.notSent(what) : MountException.unknown(what);
  }

  /**
   * Listens to changes of the server's lists, on a stream that is opened again whenever it ends.
   */
  private void listen() {
    Duration pause = Duration.ofSeconds(1);
    try {
      while (!over) {
        try {
          HttpResponse<InputStream> response =
              endpoint.isModern()
                  ? endpoint.send(
                      Wire.request(flights.nextId(), Handshake.LISTEN, Handshake.listen()))
                  : endpoint.get("");
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
        } catch (RuntimeException | Error e) {
          LOG.warn("What a mounted server says of its lists cannot be read", e);
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

  /**
   * Ends the session, since the server does not know it any more, or another server is at its
   * address.
   */
  private void finish() {
    onEnd.accept(
        ""); // This comes first, so that a request that finds the session over gets another one.
    over = true;
    if (listening != null) {
      listening.interrupt();
    }
  }

  @Override
  public void close() {
    finish();
    flights.broken(MountException.unknown("it was closed"));
    endpoint.endSession(GOODBYE_LIMIT);
  }
}
