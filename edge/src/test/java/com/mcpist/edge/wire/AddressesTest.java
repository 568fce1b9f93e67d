package com.mcpist.edge.wire;

import static com.mcpist.testkit.Conditions.await;
import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.testkit.Certificates;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.JksOptions;
import io.vertx.core.net.PfxOptions;
import io.vertx.core.net.SocketAddress;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AddressesTest {
  private static final URI ORIGIN = URI.create("https://origin.test:8443");

  private final AtomicInteger lookups = new AtomicInteger();
  private final CountDownLatch hangs = new CountDownLatch(1);
  private volatile Addresses.Resolver names = _ -> InetAddress.getByName("127.0.0.1");
  private final Addresses addresses =
      new Addresses(List.of(ORIGIN), this::look, Duration.ofMillis(1));

  private InetAddress look(String host) throws UnknownHostException {
    lookups.incrementAndGet();
    assertThat(host).isEqualTo("origin.test");
    return names.resolve(host);
  }

  @AfterEach
  void close() {
    hangs.countDown();
    addresses.close();
  }

  private String address(URI url) {
    return addresses.request(url).getServer() instanceof SocketAddress at ? at.host() : "none";
  }

  private void awaitAddress(String address) {
    await("its address is " + address, () -> address(ORIGIN).equals(address));
  }

  @Test
  void theLastGoodAddressIsKeptWhileNamesAreAway() {
    awaitAddress("127.0.0.1");
    names =
        _ -> {
          throw new UnknownHostException("SERVFAIL");
        };
    int before = lookups.get();
    await("lookups fail", () -> lookups.get() > before + 2);
    assertThat(address(ORIGIN)).isEqualTo("127.0.0.1");

    names = _ -> InetAddress.getByName("127.0.0.2");
    awaitAddress("127.0.0.2");
    CountDownLatch asked = new CountDownLatch(1);
    names =
        _ -> {
          asked.countDown();
          try {
            hangs.await();
          } catch (InterruptedException e) {
            throw new UnknownHostException(e.toString());
          }
          return InetAddress.getByName("127.0.0.3");
        };
    await("a lookup hangs", () -> asked.getCount() == 0);
    assertThat(address(ORIGIN)).isEqualTo("127.0.0.2");
    hangs.countDown();
    awaitAddress("127.0.0.3");
  }

  @Test
  void anAddressIsNotLookedUp() {
    try (Addresses literal =
        new Addresses(
            List.of(URI.create("http://127.0.0.1:1"), URI.create("http://[::1]:1")),
            this::look,
            Duration.ofMillis(1))) {
      assertThat(literal.request(URI.create("http://[::1]:1")).getServer()).isNull();
      assertThat(literal.request(URI.create("http://127.0.0.1")).getPort()).isEqualTo(80);
    }
    assertThat(address(URI.create("https://other.test"))).isEqualTo("none");
  }

  @Test
  void hostAndCertificateAreOfTheName(@TempDir Path folder) throws Exception {
    awaitAddress("127.0.0.1");
    Certificates authority = Certificates.in(folder);
    var _ = authority.signed("right", "dns:origin.test", "-1d", 2);
    var _ = authority.signed("wrong", "dns:other.test,ip:127.0.0.1", "-1d", 2);
    Vertx vertx = Vertx.vertx();
    try {
      assertThat(host(vertx, folder, "right")).isEqualTo("origin.test");
      assertThat(host(vertx, folder, "wrong")).contains("refused");
    } finally {
      vertx.close().await(30, TimeUnit.SECONDS);
    }
  }

  /** The name by which a server with this certificate is asked. */
  private String host(Vertx vertx, Path folder, String certificate) throws Exception {
    HttpServer server =
        vertx
            .createHttpServer(
                new HttpServerOptions()
                    .setSsl(true)
                    .setKeyCertOptions(
                        new PfxOptions()
                            .setPath(folder.resolve(certificate + ".p12").toString())
                            .setPassword(Certificates.PASSWORD)))
            .requestHandler(asked -> asked.response().end(asked.authority().host()))
            .listen(0, "127.0.0.1")
            .await(30, TimeUnit.SECONDS);
    URI url = URI.create("https://origin.test:" + server.actualPort());
    HttpClient client =
        vertx.createHttpClient(
            new HttpClientOptions()
                .setTrustOptions(
                    new JksOptions()
                        .setPath(folder.resolve("trusted.p12").toString())
                        .setPassword(Certificates.PASSWORD)));
    return client
        .request(addresses.request(url).setURI("/"))
        .compose(HttpClientRequest::send)
        .compose(response -> response.body())
        .map(Object::toString)
        .otherwise(refused -> "refused: " + refused)
        .eventually(client::close)
        .await(30, TimeUnit.SECONDS);
  }
}
