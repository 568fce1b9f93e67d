package com.mcpist.testkit.vendor;

import com.mcpist.testkit.Behaviour;
import com.mcpist.testkit.Certificates;
import com.mcpist.testkit.MutableClock;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.KeyStore;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/**
 * How clients come to a host name on Cloudflare: by TLS, whose handshake fails until the name has
 * its certificate, and through the zone's rules. Behind them is whatever a test puts there.
 */
public final class CloudflareEntrance implements AutoCloseable {
  private static final Behaviour.Answer REFUSAL =
      new Behaviour.Answer(
          403,
          Map.of("Content-Type", "text/html", "cf-mitigated", "challenge"),
          "<html><title>Just a moment...</title></html>".getBytes(StandardCharsets.UTF_8));

  private final HttpsServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final MutableClock clock;
  private final Function<String, Behaviour.Answer> behind;
  private volatile Instant certified = Instant.MAX;
  private volatile boolean challenging;

  /**
   * One without a certificate yet.
   *
   * @param certificates whose authority the clients trust
   * @param behind answers a path
   */
  public CloudflareEntrance(
      Certificates certificates, MutableClock clock, Function<String, Behaviour.Answer> behind)
      throws Exception {
    this.clock = clock;
    this.behind = behind;
    KeyStore keys = certificates.signed("entrance", "dns:localhost", "-1d", 10);
    KeyManagerFactory factory =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    factory.init(keys, Certificates.PASSWORD.toCharArray());
    X509ExtendedKeyManager own =
        Arrays.stream(factory.getKeyManagers())
            .filter(X509ExtendedKeyManager.class::isInstance)
            .map(X509ExtendedKeyManager.class::cast)
            .findFirst()
            .orElseThrow();
    SSLContext tls = SSLContext.getInstance("TLS");
    tls.init(new KeyManager[] {new Issued(own)}, null, null);
    server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 50);
    server.setHttpsConfigurator(new HttpsConfigurator(tls));
    server.setExecutor(threads);
    server.createContext("/", this::handle);
    server.start();
  }

  /** Where clients connect. */
  public URI url() {
    return URI.create("https://localhost:" + server.getAddress().getPort());
  }

  /** From when on the name has its certificate, by the clock. */
  public void certifiedFrom(Instant from) {
    certified = from;
  }

  /** Whether a rule of the zone challenges everybody who is no browser. */
  public void challenging(boolean programs) {
    challenging = programs;
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      exchange.getRequestBody().readAllBytes();
      Behaviour.Answer answer =
          challenging ? REFUSAL : behind.apply(exchange.getRequestURI().getPath());
      answer.headers().forEach(exchange.getResponseHeaders()::set);
      exchange.sendResponseHeaders(
          answer.status(), answer.body().length == 0 ? -1 : answer.body().length);
      exchange.getResponseBody().write(answer.body());
    }
  }

  @Override
  public void close() {
    server.stop(0);
    threads.close();
  }

  /** Has a certificate to show from a moment on. */
  private final class Issued extends X509ExtendedKeyManager {
    private final X509ExtendedKeyManager own;

    Issued(X509ExtendedKeyManager own) {
      this.own = own;
    }

    @Override
    public @Nullable String chooseEngineServerAlias(
        String type, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
      return clock.instant().isBefore(certified)
          ? null
          : own.chooseEngineServerAlias(type, issuers, engine);
    }

    @Override
    public @Nullable String chooseServerAlias(
        String type, Principal @Nullable [] issuers, @Nullable Socket socket) {
      return own.chooseServerAlias(type, issuers, socket);
    }

    @Override
    public String @Nullable [] getServerAliases(String type, Principal @Nullable [] issuers) {
      return own.getServerAliases(type, issuers);
    }

    @Override
    public String @Nullable [] getClientAliases(String type, Principal @Nullable [] issuers) {
      return own.getClientAliases(type, issuers);
    }

    @Override
    public @Nullable String chooseClientAlias(
        String[] types, Principal @Nullable [] issuers, @Nullable Socket socket) {
      return own.chooseClientAlias(types, issuers, socket);
    }

    @Override
    public X509Certificate @Nullable [] getCertificateChain(String alias) {
      return own.getCertificateChain(alias);
    }

    @Override
    public @Nullable PrivateKey getPrivateKey(String alias) {
      return own.getPrivateKey(alias);
    }
  }
}
