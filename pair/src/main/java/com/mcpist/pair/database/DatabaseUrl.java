package com.mcpist.pair.database;

import module java.base;

import com.mcpist.deploy.secret.Secret;
import com.mcpist.pair.data.PairException;
import java.sql.Connection;
import java.sql.SQLException;

/**
 * A database's address as DATABASE_URL has it: {@code
 * postgres://user:password@host:port/name?options}.
 *
 * @param full the whole text, with the password
 */
public record DatabaseUrl(String full) {
  private static final int LIMIT_SECONDS = 10;
  private static final String ORIGIN_ROLE = "mcpist";

  /**
   * Takes an address as it is written.
   *
   * @throws PairException if the text is none, or asks for a connection that is not safe; the
   *     message does not repeat the text
   */
  public static DatabaseUrl parse(String text) throws PairException {
    try {
      var _ = com.mcpist.database.DatabaseUrl.parse(text);
    } catch (IllegalArgumentException e) {
      throw new PairException("DATABASE_URL is " + e.getMessage());
    }
    return new DatabaseUrl(text);
  }

  /** Returns the host of a server whose Unix socket is in this folder. */
  public static String socketHost(Path folder) {
    return com.mcpist.database.DatabaseUrl.socketHost(folder);
  }

  /** Returns the Unix socket that a server has in this folder. */
  public static Path socket(Path folder) {
    return com.mcpist.database.DatabaseUrl.socket(folder);
  }

  private com.mcpist.database.DatabaseUrl parsed() {
    return com.mcpist.database.DatabaseUrl.parse(full);
  }

  /** Returns the folder of the server's Unix socket, or empty if the server is reached by TCP. */
  public Optional<Path> socketFolder() {
    return parsed().socketFolder();
  }

  /** Returns the same address by way of the Unix socket in another folder. */
  public DatabaseUrl withSocket(Path folder) {
    String authority = URI.create(full).getRawAuthority();
    String user = authority.substring(0, authority.lastIndexOf('@') + 1);
    return withAuthority(user + socketHost(folder));
  }

  private DatabaseUrl withAuthority(String authority) {
    URI uri = URI.create(full);
    String query = uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery();
    return new DatabaseUrl(uri.getScheme() + "://" + authority + uri.getRawPath() + query);
  }

  /** Returns true if the address is that of the role that origins run as. */
  public boolean isOrigins() {
    return parsed().role().equals(ORIGIN_ROLE);
  }

  /**
   * Returns the address of the role that origins run as. Its password follows from the owner's: it
   * is the same at each start, and kept nowhere.
   */
  public DatabaseUrl forOrigins() {
    com.mcpist.database.DatabaseUrl owner = parsed();
    String user = ORIGIN_ROLE + owner.user().substring(owner.role().length());
    return withAuthority(user + ":" + derived(owner.password()) + "@" + owner.hosts());
  }

  private static String derived(String password) {
    // A key must have a byte at least; an owner without a password needs none here either.
    return Secret.of("mcpist" + password).hmac("password of the role that origins run as");
  }

  /** Returns the address without the password and the options, for people. */
  public String shown() {
    return parsed().toString();
  }

  /**
   * Connects once.
   *
   * @throws PairException with the reason, if the database does not let the user in
   */
  public void check() throws PairException {
    try (Connection connection = connect()) {
      connection.isValid(LIMIT_SECONDS);
    } catch (SQLException e) {
      String why = String.valueOf(e.getMessage()).lines().findFirst().orElse("no reason given");
      throw new PairException(
          "the database of DATABASE_URL (" + shown() + ") does not let us in: " + why, e);
    }
  }

  /** Returns a connection, which waits for connecting and for each answer for 10 s at most. */
  public Connection connect() throws SQLException {
    return connect(LIMIT_SECONDS);
  }

  /** Returns a connection for answers that take long. TCP tells that a server is gone. */
  public Connection connectForLong() throws SQLException {
    Connection connection = connect(LIMIT_SECONDS);
    connection.setNetworkTimeout(Runnable::run, 0);
    return connection;
  }

  Connection connect(int seconds) throws SQLException {
    return parsed()
        .connect(
            Map.of(
                "connectTimeout", Integer.toString(seconds),
                "socketTimeout", Integer.toString(seconds),
                "tcpKeepAlive", "true"));
  }

  /** Returns a text without the password. */
  @Override
  public String toString() {
    return shown();
  }
}
