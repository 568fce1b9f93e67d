package com.mcpist.pair.database;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The server's settings. They are given as arguments, so that they hold whatever the folder's
 * postgresql.conf says.
 *
 * @param port where it listens, on loopback only
 * @param origins how many origins share it
 */
record PostgresSettings(int port, int origins) {
  /** Connections that an origin's pool may have. */
  static final int POOL_SIZE = 10;

  /** For a person's psql, and what looks after the pair. */
  private static final int SPARE = 8;

  List<String> arguments() {
    return settings().entrySet().stream()
        .flatMap(setting -> List.of("-c", setting.getKey() + "=" + setting.getValue()).stream())
        .toList();
  }

  private Map<String, String> settings() {
    Map<String, String> settings = new LinkedHashMap<>();
    // What is acknowledged is on the disk.
    settings.put("fsync", "on");
    settings.put("synchronous_commit", "on");
    settings.put("full_page_writes", "on");

    settings.put("port", Integer.toString(port));
    settings.put("listen_addresses", "127.0.0.1");
    settings.put("unix_socket_directories", "");
    // A pool is at most (connections - 2) / origins: one that hangs must not starve the one that
    // fences it.
    settings.put("max_connections", Integer.toString(POOL_SIZE * Math.max(2, origins) + 2 + SPARE));

    // Small: it shares a machine with everything else its owner does.
    settings.put("shared_buffers", "32MB");
    settings.put("maintenance_work_mem", "32MB");
    settings.put("max_wal_size", "256MB");
    settings.put("wal_level", "minimal");
    settings.put("max_wal_senders", "0");
    settings.put("jit", "off");

    settings.put("timezone", "UTC");
    settings.put("log_timezone", "UTC");
    settings.put("log_destination", "stderr");
    settings.put("logging_collector", "off");
    settings.put("log_checkpoints", "off");
    return settings;
  }
}
