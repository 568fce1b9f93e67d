package com.mcpist.deploy.http;

import module java.base;

import java.net.http.HttpHeaders;
import java.net.http.HttpTimeoutException;

/**
 * Sends a request over HTTP to a Unix socket, which the JDK's client cannot. Programs of a pair
 * listen on such sockets in a folder that only their user may enter.
 *
 * <p>Each request has a connection of its own and is sent as HTTP/1.0, so that the response is
 * never split into chunks and ends with the connection. A response must state its length, because
 * the end of the connection does not tell a whole response from one that was cut.
 */
public final class SocketHttp {
  /** The scheme of the URI of a Unix socket, whose path is the path of the socket. */
  public static final String SCHEME = "unix";

  private static final int LARGEST_HEAD = 64 * 1024;
  private static final int LARGEST_BODY = 16 << 20;
  private static final byte[] END_OF_HEAD = "\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

  private SocketHttp() {}

  /** A request to a path. No header may be named {@code Host}, {@code Content-Length}. */
  @SuppressWarnings("ArrayRecordComponent") // Requests are sent, never compared.
  public record Request(String method, String path, Map<String, String> headers, byte[] body) {
    public static Request of(String method, String path) {
      return new Request(method, path, Map.of(), new byte[0]);
    }

    public Request with(String header, String value) {
      Map<String, String> more = new LinkedHashMap<>(headers);
      more.put(header, value);
      return new Request(method, path, more, body);
    }

    public Request withBody(String type, String text) {
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      return new Request(method, path, headers, bytes).with("Content-Type", type);
    }

    private ByteBuffer encoded() {
      requireOneLine(path);
      headers.values().forEach(SocketHttp::requireOneLine);
      StringBuilder head = new StringBuilder(method + " " + path + " HTTP/1.0\r\n");
      head.append("Host: localhost\r\nContent-Length: ").append(body.length).append("\r\n");
      headers.forEach((name, value) -> head.append(name).append(": ").append(value).append("\r\n"));
      byte[] first = head.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1);
      return ByteBuffer.allocate(first.length + body.length).put(first).put(body).flip();
    }

    /** Returns a text without the headers, since some are secrets. */
    @Override
    public String toString() {
      return method + " " + path;
    }
  }

  @SuppressWarnings("ArrayRecordComponent") // Responses are read, never compared.
  public record Response(int status, HttpHeaders headers, byte[] body) {
    public String text() {
      return new String(body, StandardCharsets.UTF_8);
    }
  }

  /** Returns a socket's URI. */
  public static URI uri(Path socket) {
    return URI.create(SCHEME + ":" + socket.toUri().getRawPath());
  }

  /** Returns true if the URI is that of a Unix socket. */
  public static boolean isSocket(URI uri) {
    return SCHEME.equals(uri.getScheme());
  }

  /**
   * Sends a request and returns the response. An interrupt ends the exchange.
   *
   * @throws ConnectException if nobody listens on the socket
   * @throws HttpTimeoutException if the response is not whole within the limit
   * @throws IOException if the connection breaks off, or the response is none of HTTP
   */
  public static Response send(URI socket, Request request, Duration limit)
      throws IOException, InterruptedException {
    try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      FutureTask<Response> exchange =
          new FutureTask<>(() -> exchange(channel, Path.of(socket.getPath()), request));
      Thread.ofVirtual().name("socket").start(exchange);
      return exchange.get(limit.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException _) {
      throw new HttpTimeoutException("no answer within " + ApiClient.seconds(limit));
    } catch (ExecutionException e) {
      throw e.getCause() instanceof IOException failure ? failure : new IOException(e.getCause());
    }
  }

  private static Response exchange(SocketChannel channel, Path socket, Request request)
      throws IOException {
    try {
      channel.connect(UnixDomainSocketAddress.of(socket));
    } catch (IOException e) {
      // The JDK has another exception for each reason: no such file, nobody listens, no right.
      throw (ConnectException) new ConnectException("nobody listens there").initCause(e);
    }
    ByteBuffer sent = request.encoded();
    InputStream in = Channels.newInputStream(channel);
    boolean headOnly = request.method().equals("HEAD");
    try {
      while (sent.hasRemaining()) {
        channel.write(sent);
      }
    } catch (IOException e) {
      return earlyResponse(in, headOnly, e);
    }
    return response(in, headOnly);
  }

  /** Returns the response of a program that has closed the connection before it read all. */
  private static Response earlyResponse(InputStream in, boolean headOnly, IOException broken)
      throws IOException {
    try {
      return response(in, headOnly);
    } catch (IOException _) {
      throw broken;
    }
  }

  /** Refuses a text that would end its line, and so begin another header or request. */
  private static void requireOneLine(String text) {
    if (text.chars().anyMatch(Character::isISOControl)) {
      throw new IllegalArgumentException("a path or header has a control character");
    }
  }

  private static Response response(InputStream in, boolean headOnly) throws IOException {
    List<String> head = head(in);
    Matcher status = Pattern.compile("HTTP/1\\.[01] ([0-9]{3})( .*)?").matcher(head.getFirst());
    if (!status.matches()) {
      throw new IOException("the answer is none of HTTP");
    }
    Map<String, List<String>> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    for (String line : head.subList(1, head.size())) {
      int colon = line.indexOf(':');
      if (colon < 1) {
        throw new IOException("the answer has a line that is no header");
      }
      headers
          .computeIfAbsent(line.substring(0, colon), _ -> new ArrayList<>())
          .add(line.substring(colon + 1).strip());
    }
    int code = Integer.parseInt(status.group(1));
    boolean empty = headOnly || code == 204 || code == 304;
    return new Response(
        code,
        HttpHeaders.of(headers, (_, _) -> true),
        empty ? new byte[0] : body(in, headers.getOrDefault("Content-Length", List.of())));
  }

  /** Reads the lines before the empty one. */
  private static List<String> head(InputStream in) throws IOException {
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    int matched = 0;
    while (matched < END_OF_HEAD.length) {
      int next = in.read();
      if (next < 0 || head.size() == LARGEST_HEAD) {
        throw new EOFException("the connection broke off before the answer");
      }
      head.write(next);
      if (next == END_OF_HEAD[matched]) {
        matched++;
      } else {
        matched = next == END_OF_HEAD[0] ? 1 : 0;
      }
    }
    return head.toString(StandardCharsets.ISO_8859_1).strip().lines().toList();
  }

  private static byte[] body(InputStream in, List<String> lengths) throws IOException {
    if (lengths.size() != 1 || !lengths.getFirst().matches("[0-9]{1,8}")) {
      throw new IOException("the answer does not say how long it is");
    }
    int length = Integer.parseInt(lengths.getFirst());
    if (length > LARGEST_BODY) {
      throw new IOException("the answer is larger than " + (LARGEST_BODY >> 20) + " MiB");
    }
    byte[] body = in.readNBytes(length);
    if (body.length < length) {
      throw new EOFException("the connection broke off in the middle of the answer");
    }
    return body;
  }
}
