package com.mcpist.database;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.postgresql.Driver;

/**
 * Where a database is, as platforms write it: {@code
 * postgres://user:password@host:port/database?options}. Prints without its password and options.
 * Hosts are {@code host:port}, or several separated by commas, or a folder with a Unix socket,
 * whose slashes are written as {@code %2F}; the password is empty where there is none; the options
 * are pgjdbc's, of which those that would give the password to a stranger are refused. Through a
 * pooler in transaction mode a session keeps nothing.
 */
public record DatabaseUrl(
    String hosts,
    String database,
    String user,
    String password,
    Map<String, String> options,
    boolean pooler) {
  private static final Set<String> SCHEMES = Set.of("postgres", "postgresql");

  /** The folder of a Unix socket in the place of a host, as libpq takes it: a path, %-encoded. */
  private static final Pattern SOCKET_HOST = Pattern.compile("(%2[Ff][^:,]*)(?::([0-9]{1,5}))?");

  /** This machine by its name. */
  private static final Pattern LOCALHOST = Pattern.compile("(?i)^localhost\\.?(:[0-9]{1,5})?$");

  private static final String STANDARD_PORT = "5432";

  /** The port on which Supabase's pooler works in transaction mode. */
  private static final String POOLER_PORT = ":6543";

  /** Where Supabase's poolers are: they take a user as {@code role.project}. */
  private static final String PROJECT_POOLER = ".pooler.supabase.com";

  /** Names that libpq gives to what pgjdbc calls otherwise. */
  private static final Map<String, String> LIBPQ_NAMES =
      Map.of(
          "application_name", "ApplicationName",
          "channel_binding", "channelBinding",
          "connect_timeout", "connectTimeout",
          "gssencmode", "gssEncMode",
          "require_auth", "requireAuth",
          "sslnegotiation", "sslNegotiation");

  /**
   * Throws IllegalArgumentException when it is not such a URL, or asks for a connection that is not
   * safe. The message, which follows the variable's name and "is", does not contain the URL.
   */
  public static DatabaseUrl parse(String url) {
    URI uri;
    try {
      uri = new URI(url);
    } catch (URISyntaxException e) {
      // The exception's own message contains the URL, and so the password.
      throw malformed("it is not a URL; special characters in the password must be %-encoded");
    }
    if (uri.getScheme() == null || !SCHEMES.contains(uri.getScheme())) {
      throw malformed("it must start with postgres://");
    }
    String authority = uri.getRawAuthority();
    int at = authority == null ? -1 : authority.lastIndexOf('@');
    if (authority == null || at < 1 || at == authority.length() - 1 || authority.charAt(0) == ':') {
      throw malformed("it must name a user and a host, as in postgres://user:password@host/name");
    }
    String[] credentials = authority.substring(0, at).split(":", 2);
    String hosts = authority.substring(at + 1);
    String path = uri.getRawPath();
    if (path == null || path.length() < 2) {
      throw malformed("it must end with the database's name, as in postgres://user@host/name");
    }
    Map<String, String> options = options(uri.getRawQuery());
    String pgbouncer = options.remove("pgbouncer");
    DatabaseUrl parsed =
        new DatabaseUrl(
            hosts,
            decode(path.substring(1)),
            decode(credentials[0]),
            credentials.length > 1 ? decode(credentials[1]) : "",
            options,
            pgbouncer == null ? hosts.endsWith(POOLER_PORT) : Boolean.parseBoolean(pgbouncer));
    try {
      var _ = parsed.protection();
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("refused: " + e.getMessage());
    }
    return parsed;
  }

  /** Returns the host of a server whose Unix socket is in this folder. */
  public static String socketHost(Path folder) {
    return encode(folder.toString()).replace("+", "%20");
  }

  /** Returns the Unix socket that a server with the standard port has in this folder. */
  public static Path socket(Path folder) {
    return socket(folder, STANDARD_PORT);
  }

  private static Path socket(Path folder, String port) {
    return folder.resolve(".s.PGSQL." + port);
  }

  static boolean isSocketHost(String host) {
    return SOCKET_HOST.matcher(host).matches();
  }

  /** Returns the folder of the server's Unix socket, or empty if the server is reached by TCP. */
  public Optional<Path> socketFolder() {
    Matcher host = SOCKET_HOST.matcher(hosts);
    return host.matches() ? Optional.of(Path.of(decode(host.group(1)))) : Optional.empty();
  }

  private Optional<Path> socket() {
    Matcher host = SOCKET_HOST.matcher(hosts);
    return socketFolder()
        .filter(_ -> host.matches())
        .map(folder -> socket(folder, Objects.requireNonNullElse(host.group(2), STANDARD_PORT)));
  }

  private Protection protection() {
    return Protection.of(hosts, options);
  }

  /** The database's role that the user is, which a pooler may know by a longer name. */
  public String role() {
    String host = hosts.split("[:,]", 2)[0];
    int dot = user.lastIndexOf('.');
    return host.endsWith(PROJECT_POOLER) && dot > 0 ? user.substring(0, dot) : user;
  }

  /**
   * The same, with sessions that take this role as they begin. Throws IllegalStateException where a
   * pooler stands before it, which knows no such sessions.
   */
  public DatabaseUrl assuming(String role) {
    if (pooler) {
      throw new IllegalStateException("A session of a pooler cannot take a role");
    }
    Map<String, String> more = new LinkedHashMap<>(options);
    more.merge("options", "-c role=" + role, (own, added) -> own + " " + added);
    return new DatabaseUrl(hosts, database, user, password, more, false);
  }

  /**
   * Opens a connection with autocommit on, which waits for no other's end. Throws
   * UntrustedServerException where whoever answers is not shown to be the database.
   *
   * @param defaults values of pgjdbc's options that the URL does not have
   */
  public Connection connect(Map<String, String> defaults) throws SQLException {
    Properties login = new Properties();
    login.setProperty("user", user);
    login.setProperty("password", password);
    try {
      return DriverManager.getConnection(jdbc(defaults), login);
    } catch (SQLException e) {
      throw explained(e);
    }
  }

  /** The failure of a connection by {@link #jdbc}, in words where it is one of trust. */
  public SQLException explained(SQLException failure) {
    return UntrustedServerException.of(failure, hosts, protection());
  }

  /**
   * What a connection to this database is. Blocks for some seconds at most; throws SQLException or
   * IOException where there is none.
   */
  public Channel channel() throws SQLException, IOException {
    Properties properties = Driver.parseURL(jdbc(Map.of("connectTimeout", "5")), new Properties());
    if (properties == null) {
      throw new SQLException("pgjdbc does not take the address of " + hosts);
    }
    return Channel.ask(hosts, protection(), properties);
  }

  /**
   * The URL for pgjdbc, without user and password. It demands of the server what the rules say.
   *
   * @param defaults values of pgjdbc's options that the URL does not have
   */
  public String jdbc(Map<String, String> defaults) {
    Map<String, String> all = new LinkedHashMap<>(defaults);
    all.putAll(options);
    if (pooler) {
      // A prepared statement lives in a session, and the next transaction may be in another one.
      all.putIfAbsent("prepareThreshold", "0");
    }
    all.putAll(protection().options());
    socket()
        .ifPresent(
            path -> {
              all.put("socketFactory", UnixSocketFactory.class.getName());
              all.put("socketFactoryArg", path.toString());
              all.put("sslmode", "disable");
              all.put("gssEncMode", "disable");
            });
    return "jdbc:postgresql://"
        + (isSocketHost(hosts) ? "localhost" : addressed())
        + "/"
        + encode(database)
        + all.entrySet().stream()
            .map(e -> encode(e.getKey()) + "=" + encode(e.getValue()))
            .collect(Collectors.joining("&", "?", ""));
  }

  /**
   * Returns the hosts, with both loopback addresses in the place of localhost. Some machines ask a
   * DNS for that name, and the DNS may name a stranger's address.
   */
  private String addressed() {
    return Stream.of(hosts.split(",", -1))
        .map(host -> LOCALHOST.matcher(host).replaceFirst("127.0.0.1$1,[::1]$1"))
        .collect(Collectors.joining(","));
  }

  private static Map<String, String> options(@Nullable String query) {
    Map<String, String> options = new LinkedHashMap<>();
    if (query == null || query.isEmpty()) {
      return options;
    }
    for (String pair : query.split("&", -1)) {
      String[] parts = pair.split("=", 2);
      if (parts.length < 2 || parts[0].isEmpty()) {
        throw malformed("its options must have the form name=value");
      }
      String name = decode(parts[0]);
      options.put(LIBPQ_NAMES.getOrDefault(name, name), decode(parts[1]));
    }
    return options;
  }

  private static String decode(String part) {
    try {
      // A plus sign is a plus sign here: only forms write a space so.
      return URLDecoder.decode(part.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw malformed("it has a % that is not followed by two hexadecimal digits");
    }
  }

  private static String encode(String part) {
    return URLEncoder.encode(part, StandardCharsets.UTF_8);
  }

  private static IllegalArgumentException malformed(String why) {
    return new IllegalArgumentException("not a database URL: " + why);
  }

  @Override
  public String toString() {
    return "postgres://" + user + "@" + hosts + "/" + database;
  }
}
