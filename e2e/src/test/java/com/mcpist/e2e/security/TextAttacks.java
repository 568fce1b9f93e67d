package com.mcpist.e2e.security;

import java.util.List;
import java.util.Set;
import java.util.function.Function;

/**
 * Attacks by what is written: on whoever reads logs, and on expressions that could go on for ever.
 */
final class TextAttacks extends AttackTable {
  /** What must not begin a line of a log, nor reach a terminal. */
  private static final String LINE = "2026-01-01 ERROR forged-line\\u001b[31m";

  private TextAttacks() {}

  static List<Attack> all() {
    TextAttacks table = new TextAttacks();
    table.lines();
    table.expressions();
    return table.all;
  }

  private void lines() {
    line("a tool's name", "-32602", Requests.SAVE.replace("memory_save", "x\\n" + LINE));
    line("a method", "-32601", Requests.SAVE.replace("tools/call", "x\\r\\n" + LINE));
    line("an argument's name", "isError", Requests.SAVE.replace("title", "x\\u2028" + LINE));
    header("a user", Attack.ORIGIN, Set.of(401), Requests.SECRET + "X-User-Id: a\tforged-line\r\n");
    header("a key", Attack.EDGES, Set.of(400), Requests.bearer("a\u001b[31mforged-line"));
    header("a scheme", Attack.EDGES, Set.of(401), "Authorization: forged-line\r\n");
    add(
        "log",
        "a path",
        Attack.ALL,
        Set.of(404),
        s -> Requests.call("/x%0d%0aforged-line", Requests.letIn(s), Requests.SAVE));
    add(
        "log",
        "a page",
        Attack.ALL,
        Set.of(403),
        s -> Requests.call(Requests.letIn(s) + "Origin: http://x\tforged-line\r\n"));
  }

  private void line(String name, String says, String body) {
    Function<Stage, String> request = s -> Requests.call("/mcp", Requests.letIn(s), body);
    all.add(new Attack("log", name, Attack.ALL, request, Set.of(200, 400, 404)).saying(says));
  }

  private void header(String name, Set<Target> against, Set<Integer> statuses, String header) {
    add("log", name, against, statuses, s -> Requests.call(header));
  }

  private void expressions() {
    String dots = "a.".repeat(3_000);
    expression("blanks before a token", Attack.EDGES, 400, s -> bearer(" ".repeat(6_000) + "x y"));
    expression("a token of dots", Attack.EDGES, 401, s -> bearer(dots));
    expression("a page of ports", Attack.ALL, 403, s -> page(s, ":1".repeat(3_000)));
    expression("a page of dots", Attack.ALL, 403, s -> page(s, "." + dots));
    expression("a list of types", Attack.ALL, 406, s -> accept(s, "a/b;q=0.0,".repeat(600)));
    expression("a type of blanks", Attack.ALL, 406, s -> accept(s, "a/b;" + " ".repeat(6_000)));
    String address = "memory://" + "a/{%".repeat(20_000);
    String read =
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"resources/read\",\"params\":{\"uri\":\"%s\"}}";
    Function<Stage, String> request =
        s -> Requests.call("/mcp", Requests.letIn(s), read.replace("%s", address));
    all.add(
        new Attack("expression", "an address of templates", Attack.ALL, request, Set.of(200, 400))
            .saying("\"error\""));
  }

  private void expression(
      String name, Set<Target> against, int status, Function<Stage, String> request) {
    add("expression", name, against, Set.of(status), request);
  }

  private static String bearer(String token) {
    return Requests.call(Requests.bearer(token));
  }

  private static String page(Stage stage, String end) {
    return Requests.call(Requests.letIn(stage) + "Origin: http://localhost" + end + "\r\n");
  }

  private static String accept(Stage stage, String types) {
    return Requests.call(Requests.letIn(stage))
        .replaceFirst("Accept: .*\r\n", "Accept: " + types + "\r\n");
  }
}
