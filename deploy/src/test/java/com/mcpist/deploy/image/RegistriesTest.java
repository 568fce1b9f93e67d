package com.mcpist.deploy.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.mcpist.deploy.image.Registries.ImageException;
import com.mcpist.deploy.time.TestTime;
import com.mcpist.testkit.Behaviour;
import com.mcpist.testkit.FaultServer;
import com.mcpist.testkit.vendor.RegistryServer;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RegistriesTest {
  private static final String DIGEST = "sha256:" + "0123456789abcdef".repeat(4);
  private static final String PASSWORD = "password-that-nobody-may-see";

  private final RegistryServer registry = new RegistryServer();
  private final TestTime time = TestTime.create();
  private final Registries anonymous = new Registries(Map.of(), time);
  private final Registries bob =
      new Registries(Map.of("REGISTRY_USER", "bob", "REGISTRY_TOKEN", PASSWORD), time);

  private ImageReference image(String tag) {
    return ImageReference.parse(registry.name() + "/me/notes" + tag);
  }

  private String resolved(Registries registries, String tag) throws Exception {
    return registries.resolve(image(tag), time.minutes(1)).digest().orElseThrow();
  }

  @AfterEach
  void stop() throws Exception {
    registry.close();
  }

  @Test
  void aTagIsItsDigestAndTheNameLosesIt() throws Exception {
    registry.push("me/notes", "main", DIGEST);

    ImageReference resolved = anonymous.resolve(image(":main"), time.minutes(1));
    assertThat(resolved).hasToString(registry.name() + "/me/notes@" + DIGEST);
    assertThat(registry.requests())
        .extracting(r -> r.method())
        .containsExactly("HEAD", "GET", "HEAD");
  }

  @Test
  void withoutATagItIsTheLatest() throws Exception {
    registry.open();
    registry.push("me/notes", "latest", DIGEST);

    assertThat(resolved(anonymous, "")).isEqualTo(DIGEST);
    assertThat(registry.requests()).hasSize(1);
  }

  @Test
  void aDigestIsNotAskedFor() throws Exception {
    assertThat(resolved(anonymous, ":main@" + DIGEST)).isEqualTo(DIGEST);
    assertThat(registry.requests()).isEmpty();
  }

  @Test
  void aPrivateImageNeedsSomebodyWhoMayReadIt() throws Exception {
    registry.readableBy("bob", PASSWORD);
    registry.push("me/notes", "main", DIGEST);

    assertThat(resolved(bob, ":main")).isEqualTo(DIGEST);
    failed(anonymous, "HTTP 401: access denied. If it is private, set REGISTRY_USER");
  }

  @Test
  void credentialsGoToTheRegistrysOwnRealmOnly() throws Exception {
    try (FaultServer other = FaultServer.start()) {
      other.always(Behaviour.answer(401, "{}"));
      registry.readableBy("bob", PASSWORD);
      registry.realm(other.url().replace("127.0.0.1", "localhost") + "/token");

      failed(bob, "HTTP 401");
      assertThat(other.requests()).isNotEmpty();
      assertThat(other.requests()).allSatisfy(r -> assertThat(r.header("Authorization")).isEmpty());
    }
  }

  @Test
  void whatIsNotThereIsSaid() {
    failed(anonymous, ":main: HTTP 404. Check its name and tag, and that it has been pushed.");
  }

  @Test
  void aFailureIsTriedAgain() throws Exception {
    registry.open();
    registry.push("me/notes", "main", DIGEST);
    registry.next(Behaviour.status(503));
    registry.next(Behaviour.resetBefore());

    assertThat(resolved(anonymous, ":main")).isEqualTo(DIGEST);
  }

  @Test
  void aRegistryThatTellsNoDigestIsSaid() {
    registry.next(Behaviour.status(200));

    failed(anonymous, "does not tell its digest. Name the image by digest");
  }

  @Test
  void aRegistryThatCannotBeReachedIsNamed() throws Exception {
    registry.close();

    failed(anonymous, registry.name() + " cannot be reached");
  }

  @ParameterizedTest
  @CsvSource({
    "https://ghcr.io/token, https://ghcr.io, true",
    "https://auth.docker.io/token, https://registry-1.docker.io, true",
    "http://ghcr.io/token, https://ghcr.io, false",
    "https://evil.example/token, https://ghcr.io, false",
    "https://ghcr.io.evil.example/token, https://ghcr.io, false",
    "http://127.0.0.1:1/token, https://ghcr.io, false",
  })
  void aRealmIsTrustedByWhoseItIs(String realm, java.net.URI registry, boolean trusted) {
    Registries.Challenge challenge =
        Registries.Challenge.bearer("Bearer realm=\"" + realm + "\",service=\"x\"").orElseThrow();

    assertThat(challenge.trustedBy(registry)).isEqualTo(trusted);
  }

  private void failed(Registries registries, String message) {
    assertThatExceptionOfType(ImageException.class)
        .isThrownBy(() -> resolved(registries, ":main"))
        .withMessageContaining(message)
        .withMessageNotContaining("\n")
        .withMessageNotContaining(PASSWORD);
  }
}
