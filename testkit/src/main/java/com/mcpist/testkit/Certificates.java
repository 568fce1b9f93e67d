package com.mcpist.testkit;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.List;
import java.util.stream.Stream;

/** An authority and certificates, made by the JDK's keytool in a folder. */
public final class Certificates {
  /** Of every store. */
  public static final String PASSWORD = "a-password-of-a-test";

  private final Path folder;

  private Certificates(Path folder) {
    this.folder = folder;
  }

  /** Makes the authority. */
  public static Certificates in(Path folder) throws IOException {
    Certificates made = new Certificates(folder);
    made.keytool(
        "authority", "-genkeypair", "-keyalg", "EC", "-dname", "CN=Authority", "-ext", "bc:c");
    made.keytool("authority", "-exportcert", "-file", made.file("authority.crt"));
    made.keytool("trusted", "-importcert", "-noprompt", "-file", made.file("authority.crt"));
    return made;
  }

  /** A store with the authority's certificate alone. */
  public Path trusted() {
    return folder.resolve("trusted.p12");
  }

  /** The authority's certificate as PEM. */
  public Path trustedPem() throws IOException {
    keytool("authority", "-exportcert", "-rfc", "-file", file("authority.pem"));
    return folder.resolve("authority.pem");
  }

  /** One that nobody has signed. */
  public KeyStore selfSigned(String names) throws Exception {
    keyPair("self", names);
    return load("self");
  }

  /**
   * One that the authority has signed; the same again for a name that it has made one for.
   *
   * @param names as keytool's extension san has them: {@code dns:localhost,ip:127.0.0.1}
   * @param start relative to now, as {@code -1d}
   * @param days for which it is valid
   */
  public KeyStore signed(String name, String names, String start, int days) throws Exception {
    if (Files.exists(folder.resolve(name + ".p12"))) {
      return load(name);
    }
    keyPair(name, names);
    keytool(name, "-certreq", "-file", file(name + ".csr"));
    keytool(
        "authority",
        "-gencert",
        "-infile",
        file(name + ".csr"),
        "-outfile",
        file(name + ".crt"),
        "-startdate",
        start,
        "-validity",
        Integer.toString(days),
        "-ext",
        "san=" + names);
    keytool(name, "-importcert", "-noprompt", "-alias", "ca", "-file", file("authority.crt"));
    keytool(name, "-importcert", "-noprompt", "-file", file(name + ".crt"));
    return load(name);
  }

  private void keyPair(String name, String names) throws IOException {
    keytool(name, "-genkeypair", "-keyalg", "EC", "-dname", "CN=Origin", "-ext", "san=" + names);
  }

  private String file(String name) {
    return folder.resolve(name).toString();
  }

  private KeyStore load(String name) throws Exception {
    return KeyStore.getInstance(folder.resolve(name + ".p12").toFile(), PASSWORD.toCharArray());
  }

  private void keytool(String store, String... arguments) throws IOException {
    boolean named = List.of(arguments).contains("-alias");
    Stream<String> command =
        Stream.of(
            Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
            arguments[0],
            "-keystore",
            file(store + ".p12"),
            "-storepass",
            PASSWORD);
    Stream<String> alias = named ? Stream.of() : Stream.of("-alias", "key");
    Stream<String> rest = Stream.of(arguments).skip(1);
    Files.createDirectories(folder);
    run(Stream.of(command, alias, rest).flatMap(s -> s).toList());
  }

  private static void run(List<String> command) throws IOException {
    Process keytool = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    try {
      if (keytool.waitFor() != 0) {
        throw new IOException("keytool: " + said);
      }
    } catch (InterruptedException e) {
      keytool.destroy();
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }
}
