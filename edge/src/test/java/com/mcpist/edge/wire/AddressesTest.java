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
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AddressesTest {
  private static final URI ORIGIN = URI.create("https://origin.test:8443");

  private final Vertx vertx = Vertx.vertx();
  private final AtomicInteger lookups = new AtomicInteger();
  private final CountDownLatch hangs = new CountDownLatch(1);
  private volatile Callable<String> names = () -> "127.0.0.1";
  private final Addresses addresses = addresses(ORIGIN);

  private Addresses addresses(URI... urls) {
    return new Addresses(vertx, List.of(urls), host -> () -> look(host), 20);
  }

  private String look(String host) throws Exception {
    lookups.incrementAndGet();
    assertThat(host).isEqualTo("origin.test");
    return names.call();
  }

  @AfterEach
  void close() throws Exception {
    hangs.countDown();
    vertx.close().await(30, TimeUnit.SECONDS);
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
        () -> {
          throw new UnknownHostException("SERVFAIL");
        };
    int before = lookups.get();
    await("lookups fail", () -> lookups.get() > before + 2);
    assertThat(address(ORIGIN)).isEqualTo("127.0.0.1");

    names = () -> "127.0.0.2";
    awaitAddress("127.0.0.2");
    CountDownLatch asked = new CountDownLatch(1);
    names =
        () -> {
          asked.countDown();
          hangs.await();
          return "127.0.0.3";
        };
    await("a lookup hangs", () -> asked.getCount() == 0);
    assertThat(address(ORIGIN)).isEqualTo("127.0.0.2");
    hangs.countDown();
    awaitAddress("127.0.0.3");
  }

  @Test
  void anAddressIsNotLookedUp() {
    URI six = URI.create("http://[::1]:1");
    URI four = URI.create("http://127.0.0.1");
    Addresses literal = addresses(six, four);
    assertThat(literal.request(six).getServer()).isNull();
    assertThat(literal.request(four).getPort()).isEqualTo(80);
    assertThat(address(URI.create("https://other.test"))).isEqualTo("none");
  }

  @Test
  void hostAndCertificateAreOfTheName(@TempDir Path folder) throws Exception {
    awaitAddress("127.0.0.1");
    Certificates authority = Certificates.in(folder);
    var _ = authority.signed("right", "dns:origin.test", "-1d", 2);
    var _ = authority.signed("wrong", "dns:other.test,ip:127.0.0.1", "-1d", 2);
    assertThat(host(folder, "right")).startsWith("origin.test:");
    assertThat(host(folder, "wrong")).contains("refused");
  }

  /** Returns the name by which a server with this certificate is asked. */
  private String host(Path folder, String certificate) throws Exception {
    HttpServer server =
        vertx
            .createHttpServer(
                new HttpServerOptions()
                    .setSsl(true)
                    .setKeyCertOptions(
                        new PfxOptions()
                            .setPath(folder.resolve(certificate + ".p12").toString())
                            .setPassword(Certificates.PASSWORD)))
            .requestHandler(asked -> asked.response().end(String.valueOf(asked.getHeader("Host"))))
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
