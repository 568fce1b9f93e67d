package com.mcpist.database;

import java.io.IOException;
import java.net.Socket;
import java.sql.SQLException;
import java.util.Properties;
import javax.net.SocketFactory;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;
import org.postgresql.PGProperty;
import org.postgresql.core.PGStream;
import org.postgresql.ssl.MakeSSL;
import org.postgresql.util.HostSpec;

/**
 * What a connection to a database is.
 *
 * @param told in words: TLS's version and cipher, who vouches for the server, and how the password
 *     is shown
 * @param trusted whether somebody between could not read it, or pass for the server
 */
public record Channel(String told, boolean trusted) {
  private static final int LIMIT_MILLIS = 5_000;
  private static final int BUFFER_BYTES = 8_192;

  /** The request for TLS, in place of a version of the protocol: 1234 and 5679. */
  private static final int TLS_REQUEST_MAJOR = 1234;

  private static final int TLS_REQUEST_MINOR = 5679;

  /**
   * Looks at a connection of its own, with the demands of all others, which ends before a login.
   * Blocks for some seconds at most; throws SQLException or IOException where there is none.
   */
  static Channel ask(String hosts, Protection protection, Properties properties)
      throws SQLException, IOException {
    String login = login(protection, properties);
    if (protection.kind() == Protection.Kind.LOCAL) {
      return new Channel("on this machine; " + login, true);
    }
    if (protection.kind() == Protection.Kind.PLAIN) {
      return new Channel("no TLS, as sslmode=disable says; " + login, false);
    }
    HostSpec host = first(properties);
    PGStream stream = new PGStream(SocketFactory.getDefault(), host, LIMIT_MILLIS, BUFFER_BYTES);
    try {
      stream.getSocket().setSoTimeout(LIMIT_MILLIS);
      if (!"direct".equals(PGProperty.SSL_NEGOTIATION.getOrDefault(properties))) {
        stream.sendInteger4(8);
        stream.sendInteger2(TLS_REQUEST_MAJOR);
        stream.sendInteger2(TLS_REQUEST_MINOR);
        stream.flush();
        if (stream.receiveChar() != 'S') {
          throw new SQLException(hosts + " offers no TLS");
        }
      }
      MakeSSL.convert(stream, properties);
      return new Channel(
          tls(stream.getSocket()) + "; " + server(protection) + "; " + login,
          protection.kind() != Protection.Kind.UNVERIFIED);
    } catch (SQLException e) {
      throw UntrustedServerException.of(e, hosts, protection);
    } finally {
      stream.getSocket().close();
    }
  }

  private static HostSpec first(Properties properties) {
    String host = properties.getProperty(PGProperty.PG_HOST.getName(), "").split(",", 2)[0];
    String port = properties.getProperty(PGProperty.PG_PORT.getName(), "").split(",", 2)[0];
    return new HostSpec(host.replaceAll("[\\[\\]]", ""), Integer.parseInt(port));
  }

  private static String tls(Socket socket) {
    SSLSession session = ((SSLSocket) socket).getSession();
    return session.getProtocol() + " with " + session.getCipherSuite();
  }

  private static String server(Protection protection) {
    return switch (protection.kind()) {
      case VERIFIED -> "certificate verified by " + protection.roots();
      case BOUND -> "certificate not verified, but bound to the login";
      case UNVERIFIED, PLAIN, LOCAL -> "certificate not verified";
    };
  }

  private static String login(Protection protection, Properties properties) {
    String methods = PGProperty.REQUIRE_AUTH.getOrDefault(properties);
    String known = "login by " + String.valueOf(methods).replace(",", " or ");
    return protection.kind() == Protection.Kind.BOUND ? known + " with channel binding" : known;
  }
}
