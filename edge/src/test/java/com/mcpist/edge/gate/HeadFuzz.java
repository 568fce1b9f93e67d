package com.mcpist.edge.gate;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.edge.wire.HeaderHygiene;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Fuzz target: request heads as the HTTP decoder hands them on. The first line is {@code METHOD
 * target VERSION}, each other {@code name: value}.
 */
public final class HeadFuzz {
  private static final int MOST_BODY = 1_000;
  private static final RequestCheck CHECK =
      new RequestCheck(MOST_BODY, new HostNames(Set.of("localhost", "[::1]")));
  private static final Set<String> EDGES_OWN =
      Set.of(
          "x-gateway-secret", "x-call-id", "x-attempt", "x-deadline", "x-user-id", "host", "via");
  private static final Set<String> FRAMING =
      Set.of("content-length", "transfer-encoding", "connection", "upgrade", "te", "keep-alive");

  private HeadFuzz() {}

  /**
   * Checks that a request that is let in is framed in one way, is meant for this edge, and passes
   * only the headers that it may.
   */
  public static void fuzzerTestOneInput(byte[] input) {
    String[] lines = new String(input, StandardCharsets.ISO_8859_1).split("\n", -1);
    String[] request = lines[0].split(" ", 3);
    MultiMap headers = MultiMap.caseInsensitiveMultiMap();
    for (String line : List.of(lines).subList(1, lines.length)) {
      int colon = line.indexOf(':');
      if (colon > 0) {
        headers.add(line.substring(0, colon), line.substring(colon + 1).strip());
      }
    }
    boolean old = request.length > 2 && request[2].equals("HTTP/1.0");
    HttpVersion version = old ? HttpVersion.HTTP_1_0 : HttpVersion.HTTP_1_1;
    String target = request.length > 1 ? request[1] : "";
    if (!request[0].matches("[A-Z]+")) {
      // The decoder refuses such a method itself.
      return;
    }
    Route route = Route.of(HttpMethod.valueOf(request[0]), target);
    if (CHECK.rejection(route, version, headers).isEmpty()) {
      assertFramed(headers, old);
      assertMeant(route, headers);
    }
    assertClean(headers);
  }

  private static void assertFramed(MultiMap headers, boolean old) {
    List<String> lengths = headers.getAll("content-length");
    List<String> encodings = headers.getAll("transfer-encoding");
    assertThat(lengths.size() + encodings.size()).isLessThan(2);
    assertThat(lengths).allMatch(text -> text.matches("[0-9]+"));
    assertThat(lengths).allMatch(text -> new BigInteger(text).longValue() <= MOST_BODY);
    assertThat(encodings).allMatch(text -> !old && text.toLowerCase(Locale.ROOT).equals("chunked"));
    assertThat(headers.getAll("host").size()).isBetween(old ? 0 : 1, 1);
  }

  private static void assertMeant(Route route, MultiMap headers) {
    assertThat(route).isIn(Route.MCP, Route.METADATA, Route.HEALTH);
    if (route != Route.HEALTH) {
      String host = String.valueOf(headers.get("host")).toLowerCase(Locale.ROOT);
      assertThat(host).matches("(localhost|\\[::1])(:[0-9]{0,5})?");
    }
    // A page of any site may look for the way to authenticate (RFC 9728).
    if (route == Route.MCP) {
      for (String origin : headers.getAll("origin")) {
        String site = origin.toLowerCase(Locale.ROOT);
        assertThat(site).matches("[a-z][a-z0-9+.-]*://(localhost|\\[::1])(:[0-9]*)?");
      }
    }
  }

  private static void assertClean(MultiMap headers) {
    MultiMap toOrigin = MultiMap.caseInsensitiveMultiMap();
    HeaderHygiene.toOrigin(headers, toOrigin);
    MultiMap toClient = MultiMap.caseInsensitiveMultiMap();
    HeaderHygiene.toClient(headers, toClient);
    for (MultiMap passed : List.of(toOrigin, toClient)) {
      for (Map.Entry<String, String> header : passed) {
        String name = header.getKey().toLowerCase(Locale.ROOT);
        assertThat(headers.getAll(header.getKey())).contains(header.getValue());
        assertThat(FRAMING).doesNotContain(name);
        assertThat(name).doesNotStartWith("x-forwarded-");
        assertThat(headers.getAll("connection")).noneMatch(value -> names(value).contains(name));
      }
    }
    assertThat(toOrigin.names()).noneMatch(n -> EDGES_OWN.contains(n.toLowerCase(Locale.ROOT)));
    assertThat(toClient.contains("server") || toClient.contains("x-powered-by")).isFalse();
    assertThat(toClient.contains("x-gateway-secret")).isFalse();
  }

  private static List<String> names(String connection) {
    return Arrays.stream(connection.split(",", -1))
        .map(name -> name.strip().toLowerCase(Locale.ROOT))
        .toList();
  }
}
