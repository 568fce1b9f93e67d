package com.mcpist.e2e.faults;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.e2e.harness.Command;
import com.mcpist.e2e.harness.McpConnection;
import com.mcpist.e2e.harness.Pair;
import com.mcpist.testkit.Conditions;
import com.mcpist.testkit.Need;
import com.mcpist.testkit.Needs;
import com.sun.security.auth.module.UnixSystem;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A data folder on a file system of its own, which is full, or becomes full. */
@Tag("long")
@Needs(Need.MOUNT)
class FullDiskIT {
  private static final long ROOM = 400L * 1024 * 1024;
  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final String TEXT = "A text of some length. ".repeat(400);

  private final Pair pair;
  private boolean mounted;

  FullDiskIT() throws IOException {
    pair = Pair.prepare(Map.of());
  }

  @BeforeEach
  void mountItsOwn() throws IOException {
    Files.createDirectories(pair.data());
    mounted = mount("400m");
    assertThat(mounted).as("mounted").isTrue();
    assertItsOwn();
  }

  /** What this test fills must never be the machine's own disk. */
  private void assertItsOwn() throws IOException {
    assertThat(Files.getFileStore(pair.data()).getTotalSpace()).isLessThanOrEqualTo(ROOM);
  }

  @AfterEach
  void stop() throws IOException {
    pair.run("down");
    pair.killEverything();
    if (mounted) {
      unmount();
    }
    pair.close();
  }

  private boolean mount(String size) throws IOException {
    var user = new UnixSystem();
    String options =
        "mode=0700,uid=%d,gid=%d,size=%s".formatted(user.getUid(), user.getGid(), size);
    return asRoot("mount", "-t", "tmpfs", "-o", options, "tmpfs", folder());
  }

  private void unmount() throws IOException {
    assertThat(asRoot("umount", folder())).as("unmounted").isTrue();
    mounted = false;
  }

  private String folder() {
    return pair.data().toString();
  }

  private static boolean asRoot(String... command) throws IOException {
    boolean root = new UnixSystem().getUid() == 0;
    Stream<String> prefix = root ? Stream.of() : Stream.of("sudo", "-n");
    List<String> all = Stream.concat(prefix, Stream.of(command)).toList();
    try {
      return Command.run(new ProcessBuilder(all)).code() == 0;
    } catch (IOException noSuchCommand) {
      return false;
    }
  }

  @Test
  void upSaysThatThereIsNoRoom() throws IOException {
    unmount();
    mounted = mount("8m");
    Command.Result up = pair.run("up", "--port", Integer.toString(pair.port()));

    assertThat(up.code()).isEqualTo(1);
    assertThat(up.err().lines().filter(line -> line.startsWith("mcpist: ")))
        .singleElement()
        .asString()
        .contains("no room in " + pair.data(), "MB free", "--data");
    pair.assertNoProcess();
  }

  @Test
  void whenItFillsUpNothingAcknowledgedIsLostAndAllIsWellOnceThereIsRoom() throws Exception {
    pair.start();
    assertItsOwn();
    pair.awaitSettled();
    List<String> acknowledged = new ArrayList<>();
    acknowledged.add(save("Before").structured().findPath("id").asString());
    Path filler = pair.data().resolve("filler");

    McpConnection.Reply refusal = saveUntilRefused(filler, acknowledged);

    boolean toolError = refusal.result().path("isError").asBoolean(false);
    assertThat(toolError || refusal.errorCode() != 0).as(refusal.http().toString()).isTrue();
    assertThat(refusal.http().text())
        .doesNotContain("Exception", "org.postgresql", "could not extend", "\tat ");

    Files.delete(filler);
    Conditions.await("a memory is saved", LIMIT, () -> saved("After", acknowledged));
    pair.awaitSettled();
    try (McpConnection client = McpConnection.open(pair.port())) {
      for (String id : acknowledged) {
        assertThat(client.patience(LIMIT).call("memory_get", Map.of("id", id)).structured())
            .as("memory %s of %d", id, acknowledged.size())
            .isNotNull();
      }
    }
  }

  private McpConnection.Reply saveUntilRefused(Path filler, List<String> acknowledged)
      throws IOException {
    for (int number = 0; number < 5_000; number++) {
      fill(filler);
      McpConnection.Reply reply = save("Number " + number);
      if (reply.errorCode() != 0 || reply.result().path("isError").asBoolean(false)) {
        return reply;
      }
      acknowledged.add(reply.structured().findPath("id").asString());
    }
    throw new AssertionError("it never became full");
  }

  /** To the last block; a file that is longer than all of the room is a mistake of this test. */
  private static void fill(Path filler) throws IOException {
    try (OutputStream out =
        Files.newOutputStream(filler, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
      byte[] block = new byte[4096];
      while (Files.size(filler) < ROOM) {
        out.write(block);
      }
    } catch (IOException full) {
      return;
    }
    throw new AssertionError("it does not become full");
  }

  private McpConnection.Reply save(String title) throws IOException {
    try (McpConnection client = McpConnection.open(pair.port())) {
      return client.patience(LIMIT).call("memory_save", Map.of("title", title, "text", TEXT));
    }
  }

  private boolean saved(String title, List<String> acknowledged) throws IOException {
    McpConnection.Reply reply = save(title);
    boolean good = reply.status() == 200 && !reply.result().path("isError").asBoolean(true);
    if (good) {
      acknowledged.add(reply.structured().findPath("id").asString());
    }
    return good;
  }
}
