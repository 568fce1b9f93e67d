package com.mcpist.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.e2e.harness.BareDebian;
import com.mcpist.e2e.harness.Command;
import com.mcpist.e2e.harness.Root;
import com.mcpist.testkit.Need;
import com.mcpist.testkit.Needs;
import com.mcpist.testkit.Ports;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.SimpleFileServer;
import com.sun.net.httpserver.SimpleFileServer.OutputLevel;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A release, made of this checkout: on a Debian that has never seen it. */
@Tag("long")
@Needs(Need.CONTAINERS)
@SuppressWarnings("NullAway.Init") // Nothing is stopped that was not started.
class ReleaseIT {
  private static final Duration LIMIT = Duration.ofMinutes(10);
  private static final String VERSION = "0.1.0";
  private static final boolean IS_ARM = System.getProperty("os.arch").equals("aarch64");

  @TempDir private static Path folder;

  private static HttpServer server;
  private static String url;

  @BeforeAll
  static void make() throws IOException {
    assertDone(
        Root.java(),
        "-cp",
        Root.APP.toAbsolutePath() + "/cli/*",
        "build/Package.java",
        folder.resolve("release").toString());
    server =
        SimpleFileServer.createFileServer(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            folder.resolve("release").toAbsolutePath(),
            OutputLevel.NONE);
    server.start();
    url = "http://127.0.0.1:" + server.getAddress().getPort();
    assertDone("build/index", folder.resolve("release").toString(), VERSION, url, "me/notes");
  }

  @AfterAll
  static void stop() {
    if (server != null) {
      server.stop(0);
    }
  }

  private static Command.Result assertDone(String... command) throws IOException {
    Command.Result result = Command.run(Root.process(folder, command), LIMIT);
    assertThat(result.code()).as(String.join(" ", command) + "\n" + result.all()).isZero();
    return result;
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aStrangersFirstMinute(boolean byDebianPackage) throws IOException {
    Command.Result minute =
        BareDebian.run(
            Root.PATH.resolve("build"),
            "env",
            "PORT=" + Ports.free(),
            "PLACES=/root /tmp /usr /var/tmp",
            "/build/first-minute",
            url,
            byDebianPackage ? debianPackage() : "");

    assertThat(minute.code()).as(minute.all()).isZero();
    assertThat(minute.out())
        .contains("mcpist " + VERSION + " (")
        .contains("a memory is saved", "nothing is left but the data");
    minute.out().lines().filter(line -> line.contains(" s: ")).forEach(System.out::println);
  }

  @Test
  void anArchiveThatIsNotWhatWasReleasedIsNotInstalled() throws IOException {
    Path other = Files.createDirectories(folder.resolve("other"));
    Files.copy(folder.resolve("release/install.sh"), other.resolve("install.sh"));
    Files.writeString(other.resolve(archive()), "another one");
    ProcessBuilder install = Root.process(other, "sh", "install.sh").directory(other.toFile());
    install.environment().put("MCPIST_URL", "file://" + other);

    Command.Result result = Command.run(install, LIMIT);

    assertThat(result.code()).isEqualTo(1);
    assertThat(result.err()).contains("is not what was released", "Nothing was installed");
    assertThat(other.resolve(".local/lib/mcpist")).isEmptyDirectory();
  }

  private static String archive() {
    return "mcpist-%s-linux-%s.tar.gz".formatted(VERSION, IS_ARM ? "arm64" : "x64");
  }

  private static String debianPackage() {
    return "mcpist_%s_%s.deb".formatted(VERSION, IS_ARM ? "arm64" : "amd64");
  }
}
