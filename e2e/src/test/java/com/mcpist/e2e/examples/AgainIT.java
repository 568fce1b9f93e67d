package com.mcpist.e2e.examples;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.e2e.harness.Clients;
import com.mcpist.e2e.harness.Command;
import com.mcpist.e2e.harness.EchoServer;
import com.mcpist.e2e.harness.Rig;
import com.mcpist.e2e.harness.RigPlan;
import com.mcpist.e2e.harness.Savers;
import com.mcpist.testkit.HttpMessage;
import com.mcpist.testkit.Need;
import com.mcpist.testkit.Needs;
import com.mcpist.testkit.TestDatabase;
import com.sun.net.httpserver.HttpServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * Real client libraries with what examples/clients has for them, on a path where each request fails
 * in eight ways before it passes, and a call of a tool then with 401: they sign in and see no
 * failure, and each call has one effect. And each of these files without a library. Most of the
 * time is pauses, so all run at once.
 */
@Execution(ExecutionMode.CONCURRENT)
class AgainIT {
  private static final Duration LIMIT = Duration.ofMinutes(5);
  private static final int TITLES = 2;

  @TempDir private static Path home;
  private static final AtomicInteger runs = new AtomicInteger();
  private static TestDatabase database;
  private static HttpServer mounted;
  private static Rig rig;

  @BeforeAll
  static void start() throws Exception {
    database = TestDatabase.create();
    mounted = EchoServer.serve(0);
    String mounts =
        "{\"mcpServers\":{\"echo\":{\"url\":\"http://127.0.0.1:%d/mcp\"}}}"
            .formatted(mounted.getAddress().getPort());
    rig = RigPlan.on(database.url()).variable("MOUNTS", mounts).start();
  }

  @AfterAll
  static void stop() throws Exception {
    rig.close();
    mounted.stop(0);
    database.close();
  }

  @Test
  void typescript() throws Exception {
    savesThrough(url -> Clients.script(home, "again.mjs", "modern", url));
  }

  @Test
  void theFirstTypescript() throws Exception {
    savesThrough(url -> Clients.script(home, "again.mjs", "legacy", url));
  }

  @Test
  @Needs(Need.PYTHON)
  @Tag("long")
  void python() throws Exception {
    savesThrough(url -> Clients.python(home, "mcp-2.txt", url));
  }

  @Test
  @Needs(Need.PYTHON)
  @Tag("long")
  void theFirstPython() throws Exception {
    savesThrough(url -> Clients.python(home, "mcp-1.txt", url));
  }

  /** It has a session for each call, and lists the tools in each. */
  @Test
  @Needs(Need.PYTHON)
  @Tag("long")
  void langchain() throws Exception {
    savesThrough(url -> Clients.langchain(home, url));
  }

  @Test
  @Needs(Need.GO)
  @Tag("long")
  void go() throws Exception {
    savesThrough(url -> Clients.go(home, url, "go-sdk"));
  }

  @Test
  @Needs(Need.GO)
  @Tag("long")
  void mcpGo() throws Exception {
    savesThrough(url -> Clients.go(home, url, "mcp-go"));
  }

  @Test
  @Needs(Need.RUST)
  @Tag("long")
  void rust() throws Exception {
    savesThrough(url -> Clients.rust(home, url));
  }

  @Test
  void java() throws Exception {
    savesThrough(url -> Clients.java(home, url));
  }

  @Test
  @Needs(Need.MONO)
  void csharp() throws Exception {
    savesThrough(url -> Clients.csharp(home, url));
  }

  @Test
  void typescriptWithoutALibrary() throws Exception {
    Posts.check(url -> Clients.script(home, "post.mjs", url));
  }

  @Test
  @Needs(Need.PYTHON)
  @Tag("long")
  void pythonWithoutALibrary() throws Exception {
    Posts.checkSigningIn(url -> Clients.pythonPost(home, url, "sign-in"));
    Posts.check(url -> Clients.pythonPost(home, url));
  }

  @Test
  @Needs(Need.GO)
  @Tag("long")
  void goWithoutALibrary() throws Exception {
    Posts.check(url -> Clients.go(home, url, "post"));
  }

  @Test
  @Needs(Need.RUST)
  @Tag("long")
  void rustWithoutALibrary() throws Exception {
    Posts.check(url -> Clients.rust(home, url, "post"));
  }

  @Test
  void javaWithoutALibrary() throws Exception {
    Posts.check(url -> Clients.javaPost(home, url));
  }

  @Test
  @Needs(Need.MONO)
  void csharpWithoutALibrary() throws Exception {
    Posts.check(url -> Clients.csharp(home, url, "post"));
  }

  private static void savesThrough(Posts.Program program) throws Exception {
    String prefix = "through faults " + runs.incrementAndGet() + " ";
    List<String> titles = Stream.iterate(0, i -> i + 1).limit(TITLES).map(i -> prefix + i).toList();
    Path input = Files.write(home.resolve(prefix + "titles"), titles);
    try (FaultyPath path = new FaultyPath("http://127.0.0.1:" + rig.port() + "/mcp")) {
      ProcessBuilder builder = program.with(path.url());
      var result = Command.run(builder.redirectInput(input.toFile()), LIMIT);
      assertThat(result.code()).as(result.all()).isZero();

      Map<String, List<UUID>> told = new HashMap<>();
      List<String> ids = result.out().lines().toList();
      for (int i = 0; i < ids.size(); i++) {
        told.put(prefix + i, List.of(UUID.fromString(ids.get(i))));
      }
      assertThat(told).as(result.all()).hasSize(TITLES);
      assertThat(Savers.saved(database.dataSource(), prefix)).as("one effect each").isEqualTo(told);
      assertThat(path.sendings("tools/list")).as("a request that reads").isNotEmpty();
      assertSentAgain(path, "tools/list");
      assertSentAgain(path, "tools/call");
      assertThat(path.sendings("tools/call").values())
          .allSatisfy(same -> assertThat(same).extracting(AgainIT::key).doesNotContain(""))
          .allSatisfy(
              same -> assertThat(same).extracting(AgainIT::key).containsOnly(key(same.getFirst())))
          .allSatisfy(
              same ->
                  assertThat(same.getLast().header("Authorization"))
                      .as("the library has signed in")
                      .contains("Bearer " + FaultyPath.TOKEN));
    }
  }

  /** Each message has failed in each way, and then passed. */
  private static void assertSentAgain(FaultyPath path, String method) {
    assertThat(path.sendings(method).values())
        .allSatisfy(same -> assertThat(same).hasSizeGreaterThan(FaultyPath.faults(method)));
  }

  private static String key(HttpMessage sending) {
    return sending.header("Idempotency-Key").orElse("");
  }
}
