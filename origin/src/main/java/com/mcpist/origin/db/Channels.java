package com.mcpist.origin.db;

import com.mcpist.database.Channel;
import com.mcpist.database.DatabaseUrl;
import java.io.IOException;
import java.sql.SQLException;
import java.util.Map;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Looks at what the connections of this origin are, for its log and its health. */
final class Channels {
  private static final Logger LOG = LoggerFactory.getLogger(Channels.class);

  private Channels() {}

  /** By the variable's name, without one that does not answer now. Blocks for some seconds. */
  static Map<String, Channel> ask(Database.Config config) {
    Map<String, DatabaseUrl> urls = new TreeMap<>(Map.of("DATABASE_URL", config.url()));
    config.migrations().ifPresent(url -> urls.put("MIGRATION_DATABASE_URL", url));
    Map<String, Channel> found = new TreeMap<>();
    urls.forEach(
        (name, url) -> {
          try {
            Channel channel = url.channel();
            found.put(name, channel);
            LOG.info("The connection of {}: {}", name, channel.told());
          } catch (SQLException | IOException e) {
            LOG.info("The connection of {} was not looked at: {}", name, Database.firstLine(e));
          }
        });
    return Map.copyOf(found);
  }
}
