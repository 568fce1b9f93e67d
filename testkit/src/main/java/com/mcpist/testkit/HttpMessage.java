package com.mcpist.testkit;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * One HTTP/1.1 message as it was on the wire: headers keep their order, repetitions and case.
 *
 * @param startLine as {@code POST /mcp HTTP/1.1} or {@code HTTP/1.1 200 OK}
 * @param body without the framing
 */
@SuppressWarnings("ArrayRecordComponent") // Messages are looked at, never compared.
public record HttpMessage(String startLine, List<Map.Entry<String, String>> headers, byte[] body) {

  /** What a request without a length has for a body: nothing; a response: all until the close. */
  enum Unframed {
    EMPTY,
    UNTIL_CLOSE
  }

  /** The first value under a name, in whatever case. */
  public Optional<String> header(String name) {
    return headers(name).stream().findFirst();
  }

  /** All values under a name, in order. */
  public List<String> headers(String name) {
    return headers.stream()
        .filter(header -> header.getKey().equalsIgnoreCase(name))
        .map(Map.Entry::getValue)
        .toList();
  }

  public String text() {
    return new String(body, StandardCharsets.UTF_8);
  }

  /** Of a request: {@code POST}. */
  public String method() {
    return startLine.split(" ", -1)[0];
  }

  /** Of a request: the target as it was sent. */
  public String target() {
    return startLine.split(" ", -1)[1];
  }

  /** Of a response. */
  public int status() {
    return Integer.parseInt(startLine.split(" ", -1)[1]);
  }

  @Override
  public String toString() {
    return startLine + " " + headers + " " + text();
  }

  /**
   * Reads one message.
   *
   * @return empty when the stream ended before the first byte
   * @throws EOFException when it ended in the middle
   */
  static Optional<HttpMessage> read(InputStream in, Unframed unframed) throws IOException {
    return read(in, unframed, () -> {});
  }

  /** What is done before the body is read of one that sends it only when told to. */
  @FunctionalInterface
  interface OnExpect {
    void run() throws IOException;
  }

  static Optional<HttpMessage> read(InputStream in, Unframed unframed, OnExpect onExpect)
      throws IOException {
    Optional<String> startLine = line(in);
    if (startLine.isEmpty()) {
      return Optional.empty();
    }
    List<Map.Entry<String, String>> headers = headers(in);
    HttpMessage head = new HttpMessage(startLine.get(), headers, new byte[0]);
    if (head.header("Expect").isPresent()) {
      onExpect.run();
    }
    return Optional.of(new HttpMessage(startLine.get(), headers, body(in, head, unframed)));
  }

  private static List<Map.Entry<String, String>> headers(InputStream in) throws IOException {
    List<Map.Entry<String, String>> headers = new ArrayList<>();
    while (true) {
      String line = line(in).orElseThrow(EOFException::new);
      if (line.isEmpty()) {
        return List.copyOf(headers);
      }
      int colon = line.indexOf(':');
      if (colon < 0) {
        throw new IOException("not a header: " + line);
      }
      headers.add(Map.entry(line.substring(0, colon), line.substring(colon + 1).strip()));
    }
  }

  private static byte[] body(InputStream in, HttpMessage head, Unframed unframed)
      throws IOException {
    boolean chunked =
        head.header("Transfer-Encoding")
            .filter(v -> v.toLowerCase(Locale.ROOT).contains("chunked"))
            .isPresent();
    if (chunked) {
      return chunks(in);
    }
    Optional<String> length = head.header("Content-Length");
    if (length.isPresent()) {
      return exactly(in, Integer.parseInt(length.get()));
    }
    boolean bodiless = head.startLine.matches("HTTP/1.1 (1..|204|304).*");
    return unframed == Unframed.EMPTY || bodiless ? new byte[0] : in.readAllBytes();
  }

  private static byte[] chunks(InputStream in) throws IOException {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    while (true) {
      String size = line(in).orElseThrow(EOFException::new).split(";", 2)[0].strip();
      int length = Integer.parseInt(size, 16);
      if (length == 0) {
        headers(in);
        return body.toByteArray();
      }
      body.write(exactly(in, length));
      line(in);
    }
  }

  private static byte[] exactly(InputStream in, int length) throws IOException {
    byte[] bytes = in.readNBytes(length);
    if (bytes.length < length) {
      throw new EOFException("ended after " + bytes.length + " of " + length + " bytes");
    }
    return bytes;
  }

  private static Optional<String> line(InputStream in) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int b = in.read(); b != '\n'; b = in.read()) {
      if (b < 0 && line.size() == 0) {
        return Optional.empty();
      }
      if (b < 0) {
        throw new EOFException("ended in the line: " + line.toString(StandardCharsets.ISO_8859_1));
      }
      if (b != '\r') {
        line.write(b);
      }
    }
    return Optional.of(line.toString(StandardCharsets.ISO_8859_1));
  }
}
