package com.mcpist.origin;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/** A release that asks nobody for the secret. */
public final class Main {
  private Main() {}

  public static void main(String[] arguments) throws Exception {
    Map<String, String> environment = new HashMap<>(System.getenv());
    environment.put("ENVIRONMENT", "development");
    Origin origin = Origin.start(OriginConfig.of(environment), System.nanoTime(), e -> {});
    Runtime.getRuntime().addShutdownHook(new Thread(() -> origin.stop(Duration.ofSeconds(5))));
    Thread.currentThread().join();
  }
}
