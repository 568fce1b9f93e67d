package com.mcpist.deploy.github;

import com.goterl.lazysodium.SodiumJava;
import com.goterl.lazysodium.interfaces.Box;
import com.goterl.lazysodium.utils.LibraryLoader;
import com.mcpist.deploy.platform.PlatformException;
import com.mcpist.deploy.platform.PlatformException.Kind;
import com.mcpist.deploy.secret.Secret;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Base64;
import java.util.Objects;
import java.util.Optional;

/**
 * Seals a value so that only the owner of a public key can read it: libsodium's crypto_box_seal,
 * which has a key of its own for each box.
 */
record SealedBox(SodiumJava sodium) {
  /**
   * With the libsodium that comes along for this machine or, where that cannot be used, with the
   * machine's own.
   *
   * @throws PlatformException when there is neither
   */
  static SealedBox load() throws PlatformException {
    try {
      return new SealedBox(bundled());
    } catch (IOException | LinkageError | RuntimeException e) {
      try {
        return new SealedBox(new SodiumJava(LibraryLoader.Mode.SYSTEM_ONLY));
      } catch (LinkageError | RuntimeException _) {
        throw unusable(e);
      }
    }
  }

  /** The Java library would unpack all that it has for this, and leave it behind. */
  private static SodiumJava bundled() throws IOException {
    String resource = "/" + LibraryLoader.getSodiumPathInResources();
    Path file = Files.createTempFile("mcpist-libsodium-", ".library");
    try (InputStream in = SodiumJava.class.getResourceAsStream(resource)) {
      Files.copy(Objects.requireNonNull(in, resource), file, StandardCopyOption.REPLACE_EXISTING);
      return new SodiumJava(file.toString());
    } finally {
      // What is loaded needs no name any more.
      Files.deleteIfExists(file);
    }
  }

  private static PlatformException unusable(Throwable why) {
    String said = String.valueOf(why.getMessage()).lines().findFirst().orElse("");
    return new PlatformException(
        Kind.REJECTED,
        RepositorySecrets.NAME,
        "seal a secret",
        "libsodium cannot be loaded on %s %s: %s"
            .formatted(System.getProperty("os.name"), System.getProperty("os.arch"), said),
        "Install it (Debian: apt install libsodium23), or name a folder from which libraries may be"
            + " loaded: JAVA_TOOL_OPTIONS=\"-Djava.io.tmpdir=FOLDER -Djna.tmpdir=FOLDER\"");
  }

  /** The sealed value in Base64; empty when that is no public key in Base64. */
  Optional<String> seal(Secret value, String base64Key) {
    byte[] publicKey;
    try {
      publicKey = Base64.getDecoder().decode(base64Key);
    } catch (IllegalArgumentException _) {
      return Optional.empty();
    }
    byte[] message = value.reveal().getBytes(StandardCharsets.UTF_8);
    byte[] sealed = new byte[message.length + Box.SEALBYTES];
    boolean done =
        publicKey.length == Box.PUBLICKEYBYTES
            && sodium.crypto_box_seal(sealed, message, message.length, publicKey) == 0;
    return done ? Optional.of(Base64.getEncoder().encodeToString(sealed)) : Optional.empty();
  }
}
