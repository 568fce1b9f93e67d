package com.mcpist.origin;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/** A release that never finds its database. */
public final class Main {
  private Main() {}

  public static void main(String[] arguments) throws Exception {
    Map<String, String> environment = new HashMap<>(System.getenv());
    environment.remove("MIGRATION_DATABASE_URL");
    environment.put("DATABASE_URL", "postgres://nobody:nothing@127.0.0.1:9/nowhere");
    Origin origin = Origin.start(OriginConfig.of(environment), System.nanoTime(), e -> {});
    Runtime.getRuntime().addShutdownHook(new Thread(() -> origin.stop(Duration.ofSeconds(5))));
    Thread.currentThread().join();
  }
}
