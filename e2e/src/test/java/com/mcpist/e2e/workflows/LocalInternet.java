package com.mcpist.e2e.workflows;

import com.mcpist.testkit.Certificates;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProxySelector;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManagerFactory;

/**
 * As much of the internet as a workflow calls: a proxy that shows a certificate for each name, and
 * sends what comes for it to a port of this machine. So programs call the vendors by the names that
 * they have, by https.
 */
final class LocalInternet implements AutoCloseable {
  private static final Pattern CONNECT = Pattern.compile("CONNECT ([^: ]+):443 HTTP/1.1\r\n");

  private final ServerSocket listener = new ServerSocket();
  private final Map<String, Integer> ports;
  private final Set<String> strangers = new ConcurrentSkipListSet<>();
  private final Certificates certificates;
  private final SSLSocketFactory shown;
  private final Path trustedPem;

  /**
   * Begins to answer.
   *
   * @param folder where the certificates are made
   * @param ports where each name is on this machine
   */
  LocalInternet(Path folder, Map<String, Integer> ports) throws Exception {
    this.ports = new TreeMap<>(ports);
    certificates = Certificates.in(folder);
    trustedPem = certificates.trustedPem();
    String names =
        this.ports.keySet().stream().map(n -> "dns:" + n).collect(Collectors.joining(","));
    KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(
        certificates.signed("internet", names, "-1d", 7), Certificates.PASSWORD.toCharArray());
    SSLContext tls = SSLContext.getInstance("TLS");
    tls.init(keys.getKeyManagers(), null, null);
    shown = tls.getSocketFactory();
    listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    Thread.ofVirtual().name("internet").start(this::accept);
  }

  /** What curl, skopeo and Java need to know to find it. */
  Map<String, String> environment() {
    String proxy = "http://127.0.0.1:" + listener.getLocalPort();
    return Map.of(
        "https_proxy",
        proxy,
        "HTTPS_PROXY",
        proxy,
        "CURL_CA_BUNDLE",
        trustedPem.toString(),
        "SSL_CERT_FILE",
        trustedPem.toString(),
        "JDK_JAVA_OPTIONS",
        "-Dhttps.proxyHost=127.0.0.1 -Dhttps.proxyPort=%d -Djavax.net.ssl.trustStore=%s -Djavax.net.ssl.trustStorePassword=%s"
            .formatted(listener.getLocalPort(), certificates.trusted(), Certificates.PASSWORD));
  }

  /** A client that finds it. */
  HttpClient client() throws Exception {
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(
        KeyStore.getInstance(certificates.trusted().toFile(), Certificates.PASSWORD.toCharArray()));
    SSLContext tls = SSLContext.getInstance("TLS");
    tls.init(null, trust.getTrustManagers(), null);
    return HttpClient.newBuilder()
        .sslContext(tls)
        .proxy(ProxySelector.of((InetSocketAddress) listener.getLocalSocketAddress()))
        .build();
  }

  /** Names that somebody has asked for and nobody has. */
  List<String> strangers() {
    return List.copyOf(strangers);
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        Socket client = listener.accept();
        Thread.ofVirtual().start(() -> serve(client));
      } catch (IOException _) {
        // close() closes it under this thread.
      }
    }
  }

  private void serve(Socket client) {
    try (client) {
      String head = head(client.getInputStream());
      Matcher asked = CONNECT.matcher(head);
      Integer port = asked.lookingAt() ? ports.get(asked.group(1)) : null;
      if (port == null) {
        strangers.add(head.lines().findFirst().orElse(""));
        client.getOutputStream().write(line("HTTP/1.1 502 Bad Gateway"));
        return;
      }
      client.getOutputStream().write(line("HTTP/1.1 200 OK"));
      try (Socket inside = shown.createSocket(client, InputStream.nullInputStream(), true);
          Socket server = new Socket(InetAddress.getLoopbackAddress(), port)) {
        Thread back = Thread.ofVirtual().start(() -> copy(server, inside));
        copy(inside, server);
        back.join();
      }
    } catch (IOException _) {
      // Whoever was connected has gone.
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private static byte[] line(String status) {
    return (status + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII);
  }

  private static String head(InputStream in) throws IOException {
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    while (!head.toString(StandardCharsets.US_ASCII).endsWith("\r\n\r\n")) {
      int next = in.read();
      if (next < 0) {
        break;
      }
      head.write(next);
    }
    return head.toString(StandardCharsets.US_ASCII);
  }

  private static void copy(Socket from, Socket to) {
    try {
      from.getInputStream().transferTo(to.getOutputStream());
      to.shutdownOutput();
    } catch (IOException _) {
      // One of them has gone: what is left of the connection ends with it.
    }
  }

  @Override
  public void close() throws IOException {
    listener.close();
  }
}
