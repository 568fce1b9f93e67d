package com.mcpist.pair.database;

import module java.base;

import com.mcpist.deploy.secret.Secret;
import com.mcpist.pair.data.PairException;
import java.sql.Connection;
import java.sql.SQLException;

/** As DATABASE_URL: postgres://user:password@host:port/name?options. Full has the password. */
public record DatabaseUrl(String full) {
  private static final int LIMIT_SECONDS = 10;
  private static final String ORIGIN_ROLE = "mcpist";

  /** Takes it as it is written; a PairException, which does not repeat it, where it is none. */
  public static DatabaseUrl parse(String text) throws PairException {
    try {
      var _ = com.mcpist.database.DatabaseUrl.parse(text);
    } catch (IllegalArgumentException e) {
      throw new PairException("DATABASE_URL is " + e.getMessage());
    }
    if (URI.create(text).getHost() == null) {
      throw new PairException("DATABASE_URL must name one host, without an underscore");
    }
    return new DatabaseUrl(text);
  }

  private URI uri() {
    return URI.create(full);
  }

  /** The port that it names; -1 where it names none. */
  public int port() {
    return uri().getPort();
  }

  public DatabaseUrl withPort(int port) {
    return with(Objects.requireNonNullElse(uri().getRawUserInfo(), ""), port);
  }

  private DatabaseUrl with(String user, int port) {
    String query = uri().getRawQuery();
    return new DatabaseUrl(address(user, port) + (query == null ? "" : "?" + query));
  }

  private String address(String user, int port) {
    String host = (user.isEmpty() ? "" : user + "@") + uri().getHost();
    return uri().getScheme() + "://" + host + (port < 0 ? "" : ":" + port) + uri().getRawPath();
  }

  /** Whether it is that of the role that origins run as. */
  public boolean isOrigins() {
    return role().equals(ORIGIN_ROLE);
  }

  /** The role, which Supabase's poolers know as {@code role.project}. */
  private String role() {
    String user = userAndPassword()[0];
    int dot = user.lastIndexOf('.');
    return uri().getHost().endsWith(".pooler.supabase.com") && dot > 0
        ? user.substring(0, dot)
        : user;
  }

  /** Its password follows from the owner's: it is the same at each start, and kept nowhere. */
  public DatabaseUrl forOrigins() {
    String[] owner = userAndPassword();
    String user = ORIGIN_ROLE + owner[0].substring(role().length());
    return with(user + ":" + derived(owner[1]), port());
  }

  private static String derived(String password) {
    // A key must have a byte at least; an owner without a password needs none here either.
    return Secret.of("mcpist" + password).hmac("password of the role that origins run as");
  }

  /** Without the password and the options: for people. */
  public String shown() {
    return address(userAndPassword()[0], port());
  }

  /** Connects once; a PairException tells the reason where the database does not let us in. */
  public void check() throws PairException {
    try (Connection connection = connect()) {
      connection.isValid(LIMIT_SECONDS);
    } catch (SQLException e) {
      String why = String.valueOf(e.getMessage()).lines().findFirst().orElse("no reason given");
      throw new PairException(
          "the database of DATABASE_URL (" + shown() + ") does not let us in: " + why, e);
    }
  }

  /** A connection, which waits for connecting and for each answer for 10 s at most. */
  public Connection connect() throws SQLException {
    return connect(LIMIT_SECONDS);
  }

  /** The same for answers that take long: a server that is gone is noticed by TCP. */
  public Connection connectForLong() throws SQLException {
    Connection connection = connect(LIMIT_SECONDS);
    connection.setNetworkTimeout(Runnable::run, 0);
    return connection;
  }

  Connection connect(int seconds) throws SQLException {
    return com.mcpist.database.DatabaseUrl.parse(full)
        .connect(
            Map.of(
                "connectTimeout", Integer.toString(seconds),
                "socketTimeout", Integer.toString(seconds),
                "tcpKeepAlive", "true"));
  }

  private String[] userAndPassword() {
    String info = Objects.requireNonNullElse(uri().getRawUserInfo(), "");
    String[] parts = info.split(":", 2);
    return new String[] {decoded(parts[0]), parts.length < 2 ? "" : decoded(parts[1])};
  }

  private static String decoded(String text) {
    // A plus is a plus here, not a space.
    return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
  }

  /** Never the password. */
  @Override
  public String toString() {
    return shown();
  }
}
