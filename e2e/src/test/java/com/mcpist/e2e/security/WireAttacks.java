package com.mcpist.e2e.security;

import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Attacks by how a request is written, from those who may call. */
final class WireAttacks extends AttackTable {
  private static final Set<Integer> BAD = Set.of(400);

  private WireAttacks() {}

  static List<Attack> all() {
    WireAttacks table = new WireAttacks();
    table.framing();
    table.sizes();
    table.bombs();
    return table.all;
  }

  private void framing() {
    framing("two lengths", "Content-Length: 5\r\nContent-Length: 6\r\n");
    framing("a length and chunks", "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n");
    framing("a signed length", "Content-Length: +5\r\n");
    framing("a list of lengths", "Content-Length: 5, 6\r\n");
    framing("a length in hexadecimal", "Content-Length: 0x5\r\n");
    framing("chunks twice", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n");
    framing("chunks by another name", "Transfer-Encoding: xchunked\r\n");
    framing("a blank before the colon", "Content-Length : 5\r\n");
    framing("a bare line feed", "X-A: 1\nContent-Length: 5\r\n");
    framing("a NUL in a name", "X-\u0000A: 1\r\nContent-Length: 5\r\n");
  }

  private void framing(String name, String framing) {
    add(
        "framing",
        name,
        Attack.OWN_LISTENERS,
        Set.of(400, 501),
        s -> Requests.framed(Requests.letIn(s), framing, "0\r\n\r\n"));
  }

  private void sizes() {
    add(
        "size",
        "a header of 64 KiB",
        Attack.OWN_LISTENERS,
        Set.of(431, 400),
        s -> Requests.call(Requests.letIn(s) + "X-Long: " + "a".repeat(65_536) + "\r\n"));
    add(
        "size",
        "a path of 64 KiB",
        Attack.OWN_LISTENERS,
        Set.of(414, 400),
        s -> Requests.call("/mcp?" + "a".repeat(65_536), Requests.letIn(s), Requests.SAVE));
    add(
        "size",
        "a body of 5 MiB",
        Attack.ALL,
        Set.of(413),
        s -> Requests.call("/mcp", Requests.letIn(s), " ".repeat(5 * 1024 * 1024)));
  }

  private void bombs() {
    bomb("100,000 lists deep", "[".repeat(100_000));
    bomb("100,000 objects deep", "{\"a\":".repeat(100_000));
    bomb("deep in what would be well", deep());
    bomb("a number of 100,000 digits", number("1".repeat(100_000)));
    bomb("the same key twice", Requests.SAVE.replace("\"id\":1", "\"id\":1,\"id\":2"));
    bomb("a batch of 3,001", "[" + (Requests.SAVE + ",").repeat(3_000) + Requests.SAVE + "]");
    bomb("120,000 keys", Requests.SAVE.replace("\"text\"", keys(120_000) + "\"text\""));
    String colliding = Requests.SAVE.replace("\"text\"", colliding(14) + "\"text\"");
    all.add(
        new Attack("JSON", "keys that share a hash", Attack.ALL, body(colliding), Set.of(200))
            .saying("\"isError\":true"));
    bomb("no UTF-8", Requests.SAVE.replace("a trace", "a trac\u00c0\u00af"));
    bomb("no JSON", "\u0000\u0001\u0002");
    bomb("two in one", Requests.SAVE + Requests.SAVE);
  }

  private static String deep() {
    String arguments = "{\"title\":\"t\",\"text\":\"t\",\"x\":";
    return Requests.SAVE.replaceFirst("\"arguments\":.*", "")
        + "\"arguments\":"
        + arguments
        + "[".repeat(50_000)
        + "]".repeat(50_000)
        + "}}}";
  }

  private static String keys(int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> "\"" + Integer.toString(i, 36) + "\":1,")
        .collect(Collectors.joining());
  }

  /** 2^bits names for which a hash of texts is the same one. */
  private static String colliding(int bits) {
    List<String> names = List.of("");
    for (int bit = 0; bit < bits; bit++) {
      names = names.stream().flatMap(n -> Stream.of(n + "Aa", n + "BB")).toList();
    }
    return names.stream().map(n -> "\"" + n + "\":1,").collect(Collectors.joining());
  }

  private static String number(String digits) {
    return Requests.SAVE.replace("\"text\":\"t\"", "\"text\":\"t\",\"limit\":" + digits);
  }

  private void bomb(String name, String body) {
    add("JSON", name, Attack.ALL, BAD, body(body));
  }

  private static Function<Stage, String> body(String body) {
    return s -> Requests.call("/mcp", Requests.letIn(s), body);
  }
}
