package com.mcpist.testkit;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * The behaviour of a {@link FaultServer} for one request. A server that refuses connections is
 * {@link FaultServer#refuse()}.
 */
@SuppressWarnings("ArrayRecordComponent") // They are played, never compared.
public sealed interface Behaviour {

  /** A whole response with a length. */
  record Answer(int status, Map<String, String> headers, byte[] body) implements Behaviour {}

  /** The request is read, then the connection goes away without a byte of response. */
  record Cut(Ending ending) implements Behaviour {}

  /**
   * A response that says it has {@code whole.body().length} bytes, and ends after the first {@code
   * sent}.
   */
  record CutInBody(Answer whole, int sent, Ending ending) implements Behaviour {}

  /** The request is read, the connection stays open, and nothing ever comes. */
  record Silent() implements Behaviour {}

  /** A whole response, but {@code piece} bytes at a time with a pause in between. */
  record Drip(Answer whole, int piece, Duration pause) implements Behaviour {}

  /**
   * A chunked event stream: each string is written as it is (with its blank line), then the stream
   * ends.
   */
  record Sse(List<String> events, Duration pause, Ending ending) implements Behaviour {}

  /**
   * A chunked event stream whose next event is asked for again and again, with a pause in between,
   * until the client goes away.
   */
  record Ticks(Supplier<String> event, Duration pause) implements Behaviour {}

  /** Bytes that need not be HTTP, then the connection is closed. */
  record Raw(byte[] bytes) implements Behaviour {}

  /** How a connection or a stream ends. */
  enum Ending {
    /**
     * As HTTP wants it: the last chunk, and the connection stays open. For a {@link Cut}: closed.
     */
    COMPLETE,
    /** FIN. */
    CLOSE,
    /** RST. */
    RESET,
    /** Not at all: nothing more comes. */
    SILENCE
  }

  static Answer answer(int status, String json) {
    return new Answer(
        status, Map.of("Content-Type", "application/json"), json.getBytes(StandardCharsets.UTF_8));
  }

  /**
   * Returns an answer of an origin that keeps calls in a ledger, which each of its answers says.
   */
  static Answer ofLedger(int status, String json) {
    return new Answer(
        status,
        Map.of("Content-Type", "application/json", "X-Ledger", "kept"),
        json.getBytes(StandardCharsets.UTF_8));
  }

  /** Returns an answer of a server that keeps no ledger. */
  static Answer withoutLedger(int status, String json) {
    return new Answer(
        status,
        Map.of("Content-Type", "application/json", "X-Ledger", ""),
        json.getBytes(StandardCharsets.UTF_8));
  }

  /** Returns an answer of something that stands in an origin's place, such as a platform's page. */
  static Answer inItsPlace(int status, String page) {
    return new Answer(
        status,
        Map.of("Content-Type", "text/html", "X-Ledger", ""),
        page.getBytes(StandardCharsets.UTF_8));
  }

  static Behaviour status(int status) {
    return new Answer(status, Map.of(), new byte[0]);
  }

  static Behaviour closeBefore() {
    return new Cut(Ending.CLOSE);
  }

  static Behaviour resetBefore() {
    return new Cut(Ending.RESET);
  }

  static Behaviour silent() {
    return new Silent();
  }

  /** Half of the body, then RST. */
  static Behaviour resetInBody(Answer whole) {
    return new CutInBody(whole, whole.body().length / 2, Ending.RESET);
  }

  /** Half of the body, then FIN. */
  static Behaviour closeInBody(Answer whole) {
    return new CutInBody(whole, whole.body().length / 2, Ending.CLOSE);
  }

  /** Half of the body, then nothing. */
  static Behaviour silentInBody(Answer whole) {
    return new CutInBody(whole, whole.body().length / 2, Ending.SILENCE);
  }

  static Behaviour drip(Answer whole, int piece, Duration pause) {
    return new Drip(whole, piece, pause);
  }

  /** An event stream of {@code data:} events. */
  static Behaviour sse(Ending ending, String... data) {
    List<String> events = List.of(data).stream().map(d -> "data: " + d + "\n\n").toList();
    return new Sse(events, Duration.ZERO, ending);
  }
}
