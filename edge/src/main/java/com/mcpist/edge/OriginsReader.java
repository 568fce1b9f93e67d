package com.mcpist.edge;

import com.mcpist.edge.EdgeJson.OriginJson;
import com.mcpist.edge.gate.HostNames;
import com.mcpist.edge.pool.Origin;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads the origins of EDGE_CONFIG. */
final class OriginsReader {
  private static final String IN_CLEAR =
      "must begin with https://, or be on localhost: calls carry the gateway secret; in a network"
          + " of your own the origin's \"plaintext\": true allows http";

  private OriginsReader() {}

  static List<Origin> read(@Nullable List<@Nullable OriginJson> entries) {
    if (entries == null || entries.isEmpty()) {
      throw ConfigException.field("origins", "must have one origin or more");
    }
    List<Origin> origins = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (int i = 0; i < entries.size(); i++) {
      String field = "origins[" + i + "]";
      OriginJson entry = entries.get(i);
      if (entry == null) {
        throw ConfigException.field(field, "must be an object");
      }
      String name = entry.name();
      if (name == null || !name.matches("[A-Za-z0-9][A-Za-z0-9._-]{0,62}")) {
        throw ConfigException.field(field + ".name", "must be letters, digits, '.', '_' or '-'");
      }
      if (!names.add(name)) {
        throw ConfigException.field(field + ".name", "is another origin's name");
      }
      boolean plaintext = Boolean.TRUE.equals(entry.plaintext());
      origins.add(new Origin(name, url(field + ".url", entry.url(), plaintext)));
    }
    return List.copyOf(origins);
  }

  /** The names of those that are to begin drained. */
  static Set<String> drained(@Nullable List<@Nullable OriginJson> entries) {
    Set<String> names = new HashSet<>();
    for (OriginJson entry : entries == null ? List.<@Nullable OriginJson>of() : entries) {
      if (entry != null && entry.name() != null && Boolean.TRUE.equals(entry.drained())) {
        names.add(entry.name());
      }
    }
    return names;
  }

  /** Calls carry the gateway secret and clients' keys. */
  private static URI url(String field, @Nullable String text, boolean plaintext) {
    String expected = "must be as http://host:port or https://host";
    try {
      URI url = new URI(text == null ? "" : text);
      String scheme = url.getScheme() == null ? "" : url.getScheme().toLowerCase(Locale.ROOT);
      boolean bare = url.getRawPath() == null || url.getRawPath().matches("/?");
      boolean whole = Set.of("http", "https").contains(scheme) && url.getHost() != null && bare;
      if (!whole || url.getRawQuery() != null || url.getRawFragment() != null) {
        throw ConfigException.field(field, expected);
      }
      if (url.getRawUserInfo() != null) {
        throw ConfigException.field(field, "must have no user and password in it");
      }
      if (scheme.equals("http") && !plaintext && !HostNames.isLoopback(url.getHost())) {
        throw ConfigException.field(field, IN_CLEAR);
      }
      return new URI(scheme, null, url.getHost(), url.getPort(), null, null, null);
    } catch (URISyntaxException _) {
      throw ConfigException.field(field, expected);
    }
  }
}
