package com.mcpist.origin;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.TreeMap;

/** Answers /health, and /environment with the names of its variables and what of them is public. */
public final class Main {
  private Main() {}

  public static void main(String[] args) throws IOException {
    var environment = new TreeMap<>(System.getenv());
    if ("fail".equals(environment.get("STAND_IN"))) {
      System.err.println("STAND_IN is malformed");
      System.exit(2);
    }
    System.out.println(environment.getOrDefault("LOG_PREFIX", "") + " origin starts");
    HttpServer server =
        HttpServer.create(
            new InetSocketAddress(
                java.net.InetAddress.getLoopbackAddress(),
                Integer.parseInt(environment.get("PORT"))),
            50);
    server.createContext(
        "/",
        exchange -> {
          String body =
              exchange.getRequestURI().getPath().equals("/environment")
                  ? String.join(",", environment.keySet())
                      + ";"
                      + environment.get("ENVIRONMENT")
                      + ";"
                      + environment.get("DATABASE_URL")
                  : "{\"status\":\"ok\"}";
          byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(200, bytes.length);
          exchange.getResponseBody().write(bytes);
          exchange.close();
        });
    server.start();
    if ("true".equals(environment.get("MCPIST_SUPERVISED"))) {
      while (System.in.read() >= 0) {
        // Until the supervisor is gone.
      }
      System.exit(0);
    }
  }
}
