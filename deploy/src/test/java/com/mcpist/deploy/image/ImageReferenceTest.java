package com.mcpist.deploy.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ImageReferenceTest {
  private static final String DIGEST = "sha256:" + "0123456789abcdef".repeat(4);

  @ParameterizedTest
  @CsvSource({
    "ghcr.io/me/notes:main, ghcr.io/me/notes:main",
    "GHCR.io/me/notes, ghcr.io/me/notes",
    "localhost/notes, localhost/notes",
    "127.0.0.1:5000/a/b/notes:1.2, 127.0.0.1:5000/a/b/notes:1.2",
    "debian, docker.io/library/debian",
    "debian:trixie, docker.io/library/debian:trixie",
    "me/notes, docker.io/me/notes",
  })
  void aNameIsReadAsDockerReadsIt(String text, String full) {
    assertThat(ImageReference.parse(text)).hasToString(full);
  }

  @Test
  void aDigestIsKept() {
    ImageReference both = ImageReference.parse("ghcr.io/me/notes:main@" + DIGEST);

    assertThat(both.tag()).contains("main");
    assertThat(both.digest()).contains(DIGEST);
    assertThat(ImageReference.parse("ghcr.io/me/notes:x").withDigest(DIGEST))
        .hasToString("ghcr.io/me/notes@" + DIGEST);
  }

  @Test
  void aCopyElsewhereIsTheSameImage() {
    ImageReference image = ImageReference.parse("ghcr.io/me/notes@" + DIGEST);
    ImageReference copy = image.in(ImageReference.parse("registry.fly.io/notes"));

    assertThat(copy).hasToString("registry.fly.io/notes@" + DIGEST);
    assertThat(copy.sameImage(image)).isTrue();
    assertThat(copy.sameImage(ImageReference.parse("registry.fly.io/notes:main"))).isFalse();
    ImageReference tag = ImageReference.parse("ghcr.io/me/notes:main");
    assertThat(tag.sameImage(tag)).as("a tag may mean another image tomorrow").isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "Upper/notes",
        "ghcr.io/me/notes:",
        "ghcr.io/me/notes:a b",
        "ghcr.io//notes",
        "ghcr.io/me/notes@sha256:12",
        "ghcr.io/me/notes@md5:0123",
        "https://ghcr.io/me/notes",
        "-x.io/me/notes"
      })
  void whatIsNoNameIsRejectedInOneLine(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ImageReference.parse(text))
        .withMessageContaining("is no image such as ghcr.io/owner/name:tag")
        .withMessageNotContaining("\n");
  }
}
