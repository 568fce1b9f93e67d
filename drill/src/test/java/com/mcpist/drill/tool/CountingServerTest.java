package com.mcpist.drill.tool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.mcpist.drill.tool.CountingMounts.Transport;
import com.mcpist.drill.tool.CountingServer.Settings;
import com.mcpist.drill.tool.EffectFile.Effect;
import com.mcpist.testkit.Conditions;
import com.mcpist.testkit.HttpMessage;
import com.mcpist.testkit.RawHttp;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class CountingServerTest {
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final Settings QUICK = new Settings(Duration.ZERO, Duration.ZERO, 10);
  private static final Settings SILENT = new Settings(Duration.ZERO, Duration.ofHours(1), 0);

  @TempDir private Path folder;

  @Test
  void overStandardInputAndOutputItListsAndCounts() throws Exception {
    try (CountingMounts mounts = CountingMounts.start(folder, QUICK);
        Copy copy = new Copy(mounts)) {
      copy.send(request(1, "initialize", "{}"));
      assertThat(copy.read().at("/result/protocolVersion").asString()).isEqualTo("2025-06-18");
      copy.send("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}");
      copy.send(request(2, "tools/list", "{}"));
      JsonNode tools = copy.read().at("/result/tools");
      assertThat(tools.findValuesAsString("name"))
          .containsExactly("reads", "idempotent", "keyed", "once");
      assertThat(tools.at("/0/annotations/readOnlyHint").asBoolean()).isTrue();
      assertThat(tools.at("/1/annotations/idempotentHint").asBoolean()).isTrue();
      assertThat(tools.at("/3/annotations").isMissingNode()).isTrue();

      copy.send(call(3, "once", "c 1", ""));
      assertThat(copy.read().at("/result/content/0/text").asString())
          .isEqualTo("c 1\nxxxxxxxxxx")
          .isEqualTo(QUICK.answerTo("c 1"));
      copy.send(call(4, "no such tool", "c 1", ""));
      assertThat(copy.read().at("/error/code").asInt()).isEqualTo(-32602);
      copy.send(request(5, "server/discover", "{}"));
      assertThat(copy.read().at("/error/code").asInt()).isEqualTo(-32601);
      assertThat(mounts.effects(Transport.STDIO).read())
          .containsExactly(new Effect(Tool.ONCE, "c 1", "", 0));
    }
  }

  @Test
  void theEffectIsThereBeforeTheAnswerAlsoOfOneThatIsKilled() throws Exception {
    try (CountingMounts mounts = CountingMounts.start(folder, SILENT);
        Copy one = new Copy(mounts);
        Copy other = new Copy(mounts)) {
      EffectFile effects = mounts.effects(Transport.STDIO);
      one.send(call(1, "keyed", "c 1", "the key"));
      Conditions.await("the first effect", () -> effects.read().size() == 1);
      one.process.destroyForcibly().waitFor();
      long after = effects.size();
      other.send(call(1, "once", "c 2", ""));
      Conditions.await("the second effect", () -> effects.read().size() == 2);
      assertThat(effects.read())
          .containsExactly(
              new Effect(Tool.KEYED, "c 1", "the key", 0), new Effect(Tool.ONCE, "c 2", "", after));
    }
  }

  @Test
  void itEndsWithItsInputAndDoesNotWhatItsSenderBrokeOff() throws Exception {
    try (CountingMounts mounts = CountingMounts.start(folder, QUICK);
        Copy copy = new Copy(mounts)) {
      String call = call(1, "once", "c 1", "");
      copy.in.write(call.substring(0, call.length() - 1).getBytes(StandardCharsets.UTF_8));
      copy.in.close();
      assertThat(copy.process.waitFor()).isZero();
      assertThat(mounts.effects(Transport.STDIO).read()).isEmpty();
    }
  }

  @Test
  void overHttpItDoesTheSame() throws Exception {
    try (CountingMounts mounts = CountingMounts.start(folder, QUICK)) {
      URI url = URI.create(mount(mounts, Transport.HTTP).path("url").asString());
      HttpMessage answer = post(url, url.getPath(), call(1, "once", "c 1", "k"));
      assertThat(answer.status()).isEqualTo(200);
      assertThat(JSON.readTree(answer.text()).at("/result/content/0/text").asString())
          .isEqualTo(QUICK.answerTo("c 1"));
      String notice = "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}";
      assertThat(post(url, url.getPath(), notice).status()).isEqualTo(202);
      assertThat(post(url, url.getPath(), "{\"id\":").status()).isEqualTo(400);
      assertThat(post(url, "/mcp", call(1, "once", "c 1", "k")).status())
          .as("of somebody who was not told the address")
          .isEqualTo(404);
      String get = "GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n".formatted(url.getPath());
      assertThat(RawHttp.exchange(url.getPort(), get).status()).isEqualTo(405);
      assertThat(mounts.effects(Transport.HTTP).read())
          .containsExactly(new Effect(Tool.ONCE, "c 1", "k", 0));
    }
  }

  @Test
  void whatIsNoEffectIsNotCounted() throws Exception {
    EffectFile file = new EffectFile(folder.resolve("effects"));
    assertThat(file.read()).isEmpty();
    assertThat(file.size()).isZero();
    Files.writeString(file.path(), "{\"tool\":\"none\"}\n");
    assertThatExceptionOfType(IOException.class).isThrownBy(file::read);
  }

  private static HttpMessage post(URI url, String path, String body) throws IOException {
    return RawHttp.exchange(url.getPort(), RawHttp.post(path, "Accept: */*", body));
  }

  private static JsonNode mount(CountingMounts mounts, Transport transport) {
    return JSON.readTree(mounts.json()).at("/mcpServers/" + transport.label());
  }

  private static String call(int id, String tool, String text, String key) {
    String keyed = key.isEmpty() ? "" : ",\"key\":\"" + key + "\"";
    return request(
        id,
        "tools/call",
        "{\"name\":\"%s\",\"arguments\":{\"text\":\"%s\"%s}}".formatted(tool, text, keyed));
  }

  private static String request(int id, String method, String params) {
    return "{\"jsonrpc\":\"2.0\",\"id\":%d,\"method\":\"%s\",\"params\":%s}"
        .formatted(id, method, params);
  }

  /** A program as the mounts name it. */
  private static final class Copy implements AutoCloseable {
    private final Process process;
    private final OutputStream in;
    private final BufferedReader out;

    Copy(CountingMounts mounts) throws IOException {
      JsonNode mount = mount(mounts, Transport.STDIO);
      List<String> command = new ArrayList<>(List.of(mount.path("command").asString()));
      mount.path("args").forEach(word -> command.add(word.asString()));
      process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
      in = process.getOutputStream();
      out = process.inputReader(StandardCharsets.UTF_8);
    }

    void send(String message) throws IOException {
      in.write((message + "\n").getBytes(StandardCharsets.UTF_8));
      in.flush();
    }

    JsonNode read() throws IOException {
      return JSON.readTree(out.readLine());
    }

    @Override
    public void close() {
      process.destroyForcibly();
    }
  }
}
