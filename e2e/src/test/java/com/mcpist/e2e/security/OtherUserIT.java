package com.mcpist.e2e.security;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.e2e.harness.Command;
import com.mcpist.e2e.harness.McpConnection;
import com.mcpist.e2e.harness.Pair;
import com.mcpist.e2e.harness.Root;
import com.mcpist.e2e.harness.Status;
import com.mcpist.pair.LocalPair;
import com.mcpist.pair.control.PairStatus.PairAccess;
import com.mcpist.testkit.Conditions;
import com.mcpist.testkit.Need;
import com.mcpist.testkit.Needs;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What another user of the machine gets of a pair while it works, breaks and restarts. */
@Needs(Need.ANOTHER_USER)
class OtherUserIT {
  private static final List<String> AS_USER =
      List.of("setpriv", "--reuid=daemon", "--regid=daemon", "--clear-groups");

  private static final String PROGRAM =
      "e2e/src/test/resources/com/mcpist/e2e/security/other-user.pl";

  private static final Pattern LISTENS =
      Pattern.compile(" *\\d+: \\S+:(\\p{XDigit}{4}) \\S+ 0A .*? \\d+ +\\d+ (\\d+) .*");

  @Test
  void nothingIsReadAnsweredOrStopped(@TempDir Path folder) throws Exception {
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
    Path printed = folder.resolve("printed");
    Path program = Files.copy(Root.PATH.resolve(PROGRAM), folder.resolve("other-user.pl"));
    try (Pair pair = Pair.up()) {
      // Only the data folder protects the pair: the folder that it is in is open.
      Files.setPosixFilePermissions(pair.home(), PosixFilePermissions.fromString("rwxr-xr-x"));
      pair.awaitSettled();
      List<String> secrets = secrets(pair);
      List<String> line = new ArrayList<>(AS_USER);
      line.addAll(List.of("perl", program.toString(), pair.data().toString(), "" + pair.port()));
      Process other =
          new ProcessBuilder(line)
              .redirectErrorStream(true)
              .redirectOutput(printed.toFile())
              .start();
      try {
        breakAndMend(pair);
        secrets.addAll(secrets(pair));
        awaitRounds(printed, 3);
      } finally {
        other.destroyForcibly().waitFor();
      }
      assertThat(Files.readAllLines(printed)).as("it went on to the end").last().isNotEqualTo("");
      String all = Files.readString(printed);
      assertThat(all.lines().filter(each -> each.startsWith("GOT"))).isEmpty();
      assertThat(all).contains("SEEN").doesNotContain(secrets);
    }
  }

  @Test
  void onlyTheEdgeListensOnAPort() throws Exception {
    try (Pair pair = Pair.up()) {
      pair.awaitSettled();
      assertThat(ports(pair)).containsExactly(pair.port());
    }
  }

  /** Does to a pair what happens to one, while somebody saves. */
  private static void breakAndMend(Pair pair) throws Exception {
    for (Status.Origin origin : pair.status().origins()) {
      ProcessHandle.of(origin.runningPid()).orElseThrow().destroyForcibly();
      save(pair);
      pair.awaitSettled();
    }
    ProcessHandle.of(pair.status().edge().pid()).orElseThrow().destroyForcibly();
    save(pair);
    pair.awaitSettled();
    for (String[] command :
        List.of(
            new String[] {"restart", "edge"},
            new String[] {"restart", Pair.PRIMARY},
            new String[] {"secrets", "rotate", "GATEWAY_SECRET"},
            new String[] {"backup", pair.home().resolve("backup").toString()})) {
      Command.Result result = pair.run(command);
      assertThat(result.code()).as("%s", result.all()).isZero();
      save(pair);
    }
    long postgres =
        Long.parseLong(
            Files.readAllLines(pair.data().resolve("postgres/postmaster.pid")).getFirst());
    ProcessHandle.of(postgres).orElseThrow().destroyForcibly();
    pair.awaitSettled();
    save(pair);
    ProcessHandle supervisor = ProcessHandle.of(pair.supervisor()).orElseThrow();
    supervisor.destroyForcibly();
    supervisor.onExit().join();
    pair.start();
    pair.awaitSettled();
    save(pair);
  }

  private static void save(Pair pair) {
    Conditions.await(
        "a memory is saved",
        () -> {
          try (McpConnection client = McpConnection.open(pair.port())) {
            return client
                .patience(Conditions.LIMIT)
                .call("memory_save", Map.of("title", "t", "text", "x"))
                .structured()
                .has("id");
          }
        });
  }

  private static List<String> secrets(Pair pair) throws Exception {
    LocalPair local = new LocalPair(pair.data(), System.getenv());
    PairAccess access = local.access().orElseThrow();
    String database = local.database().ifDone().orElseThrow().url().reveal();
    String password = URI.create(database).getRawAuthority().split("[:@]", 3)[1];
    return new ArrayList<>(
        List.of(
            access.gatewaySecret().reveal(),
            access.adminToken().reveal(),
            access.edgeAdminToken().reveal(),
            password));
  }

  private static void awaitRounds(Path printed, int rounds) throws IOException {
    long before = rounds(printed);
    Conditions.await("it has tried again", () -> rounds(printed) >= before + rounds);
  }

  private static long rounds(Path printed) throws IOException {
    try (Stream<String> lines = Files.lines(printed)) {
      return lines.filter("ROUND"::equals).count();
    }
  }

  /** Returns the TCP ports on which the processes of a pair listen. */
  private static Set<Integer> ports(Pair pair) throws IOException {
    Set<String> inodes = new HashSet<>();
    for (ProcessHandle process : pair.processes()) {
      try (Stream<Path> files = Files.list(Path.of("/proc", "" + process.pid(), "fd"))) {
        for (Path file : files.toList()) {
          String target = Files.readSymbolicLink(file).toString();
          if (target.startsWith("socket:[")) {
            inodes.add(target.substring("socket:[".length(), target.length() - 1));
          }
        }
      }
    }
    return Stream.concat(
            Files.readAllLines(Path.of("/proc/net/tcp")).stream(),
            Files.readAllLines(Path.of("/proc/net/tcp6")).stream())
        .map(LISTENS::matcher)
        .filter(line -> line.matches() && inodes.contains(line.group(2)))
        .map(line -> Integer.parseInt(line.group(1), 16))
        .collect(Collectors.toSet());
  }
}
