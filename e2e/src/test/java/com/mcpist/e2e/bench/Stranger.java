package com.mcpist.e2e.bench;

import com.mcpist.deploy.secret.ApiKey;
import com.mcpist.testkit.Issuer;
import com.mcpist.testkit.RawHttp;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.jose4j.jwk.PublicJsonWebKey;

/** The kinds of strangers who send requests without a credential that anybody accepts. */
enum Stranger {
  /** Sends no credential. */
  NO_KEY {
    @Override
    Supplier<String> credentials(String resource, String issuersKey) {
      return () -> "";
    }
  },
  /** Sends the same well-formed key, which no origin knows, as a client with a revoked key does. */
  ONE_KEY {
    @Override
    Supplier<String> credentials(String resource, String issuersKey) {
      String key = ApiKey.create().secret().reveal();
      return () -> key;
    }
  },
  /** Makes up another well-formed key for each request. */
  MADE_UP_KEYS {
    @Override
    Supplier<String> credentials(String resource, String issuersKey) {
      return () -> ApiKey.create().secret().reveal();
    }
  },
  /** Forges another token for each request, which names a key of the issuer. */
  FORGED_TOKENS {
    @Override
    Supplier<String> credentials(String resource, String issuersKey) {
      PublicJsonWebKey own = Issuer.unpublished(issuersKey, "ES256");
      return () -> Issuer.token(own, "ES256", Issuer.claims(resource, "stranger"));
    }
  },
  /** Opens 100 connections a second, sends nothing, and closes none before it has 1,000. */
  CONNECTIONS {
    @Override
    Supplier<String> credentials(String resource, String issuersKey) {
      return () -> "";
    }

    @Override
    void send(int port, String credential, List<RawHttp> open) throws IOException {
      open.add(RawHttp.connect(port));
      if (open.size() > MOST_OPEN) {
        open.removeFirst().close();
      }
    }
  };

  private static final int PER_SECOND = 100;
  private static final int MOST_OPEN = 1_000;

  /** Returns the supplier of the credential of each request; an empty text for none. */
  abstract Supplier<String> credentials(String resource, String issuersKey);

  /** Sends one request, on a connection of its own. The answer is awaited, whatever it is. */
  void send(int port, String credential, List<RawHttp> open) throws IOException {
    byte[] request = CrowdUser.request(credential, Crowd.QUERY);
    Thread.ofVirtual()
        .start(
            () -> {
              try (RawHttp http = RawHttp.connect(port)) {
                http.send(request).readIfAny();
              } catch (IOException _) {
                // The edge may close a stranger's connection.
              }
            });
  }

  /** Sends requests at a steady rate until the process is killed. */
  void run(int port, String resource, String issuersKey) throws IOException {
    Supplier<String> credentials = credentials(resource, issuersKey);
    List<RawHttp> open = new ArrayList<>();
    long due = System.nanoTime();
    while (true) {
      send(port, credentials.get(), open);
      due += TimeUnit.SECONDS.toNanos(1) / PER_SECOND;
      LockSupport.parkNanos(Math.max(0, due - System.nanoTime()));
    }
  }
}
