package com.mcpist.cli.pair;

import com.mcpist.cli.Screen;
import com.mcpist.deploy.config.Auth.Admission;
import com.mcpist.drill.Report;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** What `up` and `drill` show. */
public final class PairScreens {
  private PairScreens() {}

  public static List<Screen> all() {
    return List.of(
        Screen.of("up", up(Admission.OPEN, false)),
        Screen.of("up --detach   # with auth", up(new Admission(true, true), true)),
        Screen.of("drill", DrillTables.of(reports(), true, Screen.TERMINAL)),
        Screen.of(
            "drill --tools reads,idempotent,keyed,once",
            DrillTables.of(mounted(), true, Screen.TERMINAL)));
  }

  private static String up(Admission admission, boolean detached) {
    Path data = Path.of("/home/me/.local/share/mcpist");
    return PairCommands.Up.welcome("http://127.0.0.1:8080", admission, detached, data);
  }

  private static List<Report> reports() {
    return List.of(report("kill", 0), report("partition-database", 2));
  }

  private static Report report(String fault, int failed) {
    Map<String, Integer> said = failed == 0 ? Map.of() : Map.of("no_origin: no origin answers", 2);
    return new Report(
        fault, "memory", null, 2000, 93, 6, failed, 0, 0, 0, 0, 5.2, 20.1, 19.3, 21.4, 4512.3,
        530.2, 3100.0, said);
  }

  private static List<Report> mounted() {
    return Stream.of("kill", "partition-database")
        .flatMap(
            fault ->
                Stream.of("reads", "idempotent", "keyed", "once")
                    .flatMap(
                        tool -> Stream.of("stdio", "http").map(over -> mounted(fault, tool, over))))
        .toList();
  }

  private static Report mounted(String fault, String tool, String over) {
    int unknown = tool.equals("once") ? 11 : 0;
    return new Report(
        fault, tool, over, 252, 12, 6, 0, unknown, 0, 0, 0, 105.2, 132.9, 120.3, 121.4, 3512.3,
        930.2, 3100.0, Map.of());
  }
}
