package com.mcpist.e2e.security;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/** Attacks by how a request is written, from those who may call. */
final class WireAttacks {
  private static final Set<Integer> BAD = Set.of(400);

  private final List<Attack> all = new ArrayList<>();

  private WireAttacks() {}

  static List<Attack> all() {
    WireAttacks table = new WireAttacks();
    table.framing();
    table.sizes();
    table.bombs();
    return table.all;
  }

  private void add(
      String wall,
      String name,
      Set<Target> against,
      Set<Integer> statuses,
      Function<Stage, String> request) {
    all.add(new Attack(wall, name, against, request, statuses));
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
    bomb("a batch of 10,000", "[" + (Requests.SAVE + ",").repeat(3_000) + Requests.SAVE + "]");
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

  private static String number(String digits) {
    return Requests.SAVE.replace("\"text\":\"t\"", "\"text\":\"t\",\"limit\":" + digits);
  }

  private void bomb(String name, String body) {
    add("JSON", name, Attack.ALL, BAD, s -> Requests.call("/mcp", Requests.letIn(s), body));
  }
}
