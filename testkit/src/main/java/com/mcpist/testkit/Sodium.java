package com.mcpist.testkit;

import com.goterl.lazysodium.SodiumJava;
import com.goterl.lazysodium.utils.LibraryLoader;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Objects;

/** libsodium itself. Its Java library would unpack itself whole for that, and stay behind. */
public final class Sodium {
  private Sodium() {}

  /** The one that comes along for this machine. */
  public static SodiumJava load() {
    String resource = "/" + LibraryLoader.getSodiumPathInResources();
    try {
      Path file = Files.createTempFile("libsodium-", ".library");
      try (InputStream in =
          Objects.requireNonNull(SodiumJava.class.getResourceAsStream(resource), resource)) {
        Files.copy(in, file, StandardCopyOption.REPLACE_EXISTING);
        return new SodiumJava(file.toString());
      } finally {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
