package com.mcpist.testkit;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/**
 * An authority and certificates, made in a folder by the JDK's keytool: once for each key, since a
 * run takes a second of CPU.
 */
public final class Certificates {
  /** Of every store. */
  public static final String PASSWORD = "a-password-of-a-test";

  private static final String AUTHORITY = "authority";

  private final Path folder;

  private Certificates(Path folder) {
    this.folder = folder;
  }

  /** Makes the authority. */
  public static Certificates in(Path folder) throws IOException, GeneralSecurityException {
    Files.createDirectories(folder);
    Certificates made = new Certificates(folder);
    made.keyPair(AUTHORITY, "CN=Authority", List.of("-ext", "bc:c"));
    KeyStore trusted = empty();
    trusted.setCertificateEntry("key", made.authority());
    write(trusted, made.trusted());
    return made;
  }

  /** A store with the authority's certificate alone. */
  public Path trusted() {
    return file("trusted");
  }

  /** The authority's certificate as PEM. */
  public Path trustedPem() throws IOException, GeneralSecurityException {
    return Files.writeString(
        folder.resolve("authority.pem"), pem("CERTIFICATE", authority().getEncoded()));
  }

  /** One that nobody has signed. */
  public KeyStore selfSigned(String names) throws IOException, GeneralSecurityException {
    keyPair("self", "CN=Origin", List.of("-ext", "san=" + names));
    return own("self");
  }

  /**
   * One that the authority has signed; the same again for a name that it has made one for.
   *
   * @param names as keytool's extension san has them: {@code dns:localhost,ip:127.0.0.1}
   * @param start relative to now, as {@code -1d}
   * @param days for which it is valid
   */
  public KeyStore signed(String name, String names, String start, int days)
      throws IOException, GeneralSecurityException {
    if (Files.exists(file(name))) {
      return load(file(name));
    }
    List<String> options = new ArrayList<>(List.of("-signer", AUTHORITY, "-ext", "san=" + names));
    options.addAll(List.of("-startdate", start, "-validity", Integer.toString(days)));
    keyPair(name, "CN=Origin", options);
    return own(name);
  }

  /** A server's side of TLS with the key and the certificate of a store that this has made. */
  public static SSLContext server(KeyStore own) throws GeneralSecurityException {
    KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(own, PASSWORD.toCharArray());
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys.getKeyManagers(), null, null);
    return context;
  }

  /** The key of such a store as PEM, which its owner alone may read. */
  public static Path keyPem(KeyStore own, Path file) throws IOException, GeneralSecurityException {
    Files.writeString(
        file, pem("PRIVATE KEY", own.getKey("key", PASSWORD.toCharArray()).getEncoded()));
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    return file;
  }

  /** The certificate of such a store as PEM. */
  public static Path certificatePem(KeyStore own, Path file)
      throws IOException, GeneralSecurityException {
    return Files.writeString(file, pem("CERTIFICATE", own.getCertificate("key").getEncoded()));
  }

  private static String pem(String what, byte[] bytes) {
    String encoded = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(bytes);
    return "-----BEGIN %1$s-----\n%2$s\n-----END %1$s-----\n".formatted(what, encoded);
  }

  /** A store of its own for one of all keys. */
  private KeyStore own(String name) throws IOException, GeneralSecurityException {
    char[] password = PASSWORD.toCharArray();
    KeyStore all = load(all());
    KeyStore own = empty();
    own.setKeyEntry("key", all.getKey(name, password), password, all.getCertificateChain(name));
    write(own, file(name));
    return own;
  }

  private Certificate authority() throws IOException, GeneralSecurityException {
    return load(all()).getCertificate(AUTHORITY);
  }

  private Path all() {
    return file("all");
  }

  private Path file(String store) {
    return folder.resolve(store + ".p12");
  }

  private static KeyStore empty() throws IOException, GeneralSecurityException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    return store;
  }

  private static KeyStore load(Path file) throws IOException, GeneralSecurityException {
    return KeyStore.getInstance(file.toFile(), PASSWORD.toCharArray());
  }

  private static void write(KeyStore store, Path file)
      throws IOException, GeneralSecurityException {
    try (OutputStream out = Files.newOutputStream(file)) {
      store.store(out, PASSWORD.toCharArray());
    }
  }

  private void keyPair(String name, String subject, List<String> options) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
    command.addAll(List.of("-J-XX:TieredStopAtLevel=1", "-J-XX:+UseSerialGC", "-genkeypair"));
    command.addAll(List.of("-keystore", all().toString(), "-storepass", PASSWORD));
    command.addAll(List.of("-alias", name, "-keyalg", "EC", "-dname", subject));
    command.addAll(options);
    run(command);
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
