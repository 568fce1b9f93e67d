package com.mcpist.origin.mount.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.mcpist.origin.mount.client.MountException.Kind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.node.ObjectNode;

/** The bounds of what is kept of what a server says of itself, and of its errors. */
final class HandshakeTest {
  private static final String LARGE = "x".repeat(33_000);

  private static ObjectNode older() {
    ObjectNode result = Wire.object().put("protocolVersion", "2025-11-25");
    result.putObject("capabilities").putObject("tools");
    result.putObject("serverInfo").put("name", "notes");
    return result;
  }

  private static ObjectNode modern() {
    ObjectNode result = Wire.object();
    result.putArray("supportedVersions").add(Hello.MODERN);
    result.putObject("capabilities").putObject("tools");
    result.putObject("_meta").putObject("io.modelcontextprotocol/serverInfo").put("name", "notes");
    return result;
  }

  @Test
  void aHelloOfMoreThan64KibibytesIsRefused() throws Exception {
    ObjectNode older = older();
    older.withObject("capabilities").put("x", LARGE);
    ObjectNode modern = modern();
    modern.withObject("capabilities").put("x", LARGE);
    assertThat(Handshake.initialize((method, params) -> older).capabilities().has("x")).isTrue();
    assertThat(Handshake.discover((method, params) -> modern).capabilities().has("x")).isTrue();

    older.withObject("serverInfo").put("x", LARGE);
    modern.withObject("_meta").withObject("io.modelcontextprotocol/serverInfo").put("x", LARGE);

    String refusal = "its capabilities and its serverInfo take more than 64 KiB";
    assertThatThrownBy(() -> Handshake.initialize((method, params) -> older)).hasMessage(refusal);
    assertThatThrownBy(() -> Handshake.discover((method, params) -> modern)).hasMessage(refusal);
  }

  @Test
  void instructionsAreCut() throws Exception {
    ObjectNode older = older().put("instructions", "\uD83D\uDE00".repeat(2_001));

    assertThat(Handshake.initialize((method, params) -> older).instructions())
        .isEqualTo("\uD83D\uDE00".repeat(2_000));
  }

  @ParameterizedTest
  @ValueSource(ints = {499, 500})
  void theTextOfAnErrorIsCutUnlessItAnswersACall(int whole) {
    String text = "x".repeat(whole) + "\uD83D\uDE00";
    String cut = text.substring(0, whole);
    ObjectNode error = Wire.object().put("code", 7).put("message", text);

    assertThat(MountException.notSent(text)).hasMessage(cut);
    assertThat(MountException.unknown(text)).hasMessage(cut);
    assertThat(MountException.answered(7, text)).hasMessage(text);
    assertThat(MountException.answered(error)).hasMessage(text);
    assertThat(MountException.answered(error).summary()).isEqualTo(cut);
    assertThat(MountException.answered(error).kind()).isEqualTo(Kind.ANSWERED);
    assertThat(MountException.notSent(cut)).hasMessage(cut);
  }
}
