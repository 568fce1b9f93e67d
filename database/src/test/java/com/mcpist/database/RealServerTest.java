package com.mcpist.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.mcpist.testkit.Certificates;
import com.mcpist.testkit.PostgresServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A PostgreSQL with TLS and a certificate of its own authority, and with roles of each method. */
final class RealServerTest {
  private static final String SENTENCE = "does not ask for the password by SCRAM-SHA-256";
  private static PostgresServer server;
  private static Path authority;

  @BeforeAll
  static void start(@TempDir Path folder) throws Exception {
    Certificates made = Certificates.in(folder);
    authority = made.trustedPem();
    KeyStore own = made.signed("own", "dns:db.example.com,dns:postgres", "-1d", 30);
    Path rules =
        Files.writeString(
            folder.resolve("pg_hba.conf"),
            """
            host all postgres all trust
            host all hashed all md5
            host all plain all password
            host all open all trust
            host all scram all scram-sha-256
            """);
    server =
        PostgresServer.start(
            Map.of(
                "ssl", "on",
                "ssl_cert_file", file(Certificates.certificatePem(own, folder.resolve("own.pem"))),
                "ssl_key_file", file(Certificates.keyPem(own, folder.resolve("own.key"))),
                "hba_file", file(rules)));
    try (Connection connection = server.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(
          """
          create role scram login password 'pw';
          create role plain login password 'pw';
          create role open login;
          set password_encryption = 'md5';
          create role hashed login password 'pw'\
          """);
    }
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  private static String file(Path path) {
    return path.toAbsolutePath().toString();
  }

  private static DatabaseUrl url(String user, String host, String options) {
    return DatabaseUrl.parse(
        "postgres://" + user + ":pw@" + host + ":" + server.port() + "/postgres" + options);
  }

  @ParameterizedTest
  @CsvSource({
    "db.example.com, '', true, 'certificate not verified, but bound to the login; login by"
        + " scram-sha-256 with channel binding'",
    "other.example.com, '', true, 'certificate not verified, but bound to the login; login by"
        + " scram-sha-256 with channel binding'",
    "db.example.com, ?channelBinding=prefer, false, certificate not verified; login by"
        + " scram-sha-256",
    "db.example.com, ?sslrootcert=AUTHORITY, true, certificate verified by the certificates of"
        + " sslrootcert; login by scram-sha-256",
    "other.example.com, ?sslmode=verify-ca&sslrootcert=AUTHORITY, true, 'certificate verified by"
        + " the certificates of sslrootcert, for any host; login by scram-sha-256'",
  })
  void theRightServerLetsIn(String host, String options, boolean trusted, String told)
      throws Exception {
    DatabaseUrl url = url("scram", host, options.replace("AUTHORITY", authority.toString()));

    try (Connection connection = url.connect(Map.of())) {
      assertThat(tls(connection)).isEqualTo("TLSv1.3");
    }
    assertThat(url.channel().told()).startsWith("TLSv1.3 with TLS_").endsWith("; " + told);
    assertThat(url.channel().trusted()).isEqualTo(trusted);
  }

  @Test
  void aPrivateNetworkMayBeWithoutTls() throws Exception {
    DatabaseUrl url = url("scram", "postgres", "?sslmode=disable");

    try (Connection connection = url.connect(Map.of())) {
      assertThat(tls(connection)).isNull();
    }
    assertThat(url.channel())
        .isEqualTo(new Channel("no TLS, as sslmode=disable says; login by scram-sha-256", false));
  }

  @ParameterizedTest
  @CsvSource({
    "plain, db.example.com, ''",
    "hashed, db.example.com, ''",
    "open, db.example.com, ''",
    "plain, postgres, ?sslmode=disable",
    "hashed, postgres, ?sslmode=disable",
    "plain, 127.0.0.1, ''",
    "hashed, 127.0.0.1, ''",
  })
  void aServerThatAsksForLessThanScramIsRefused(String user, String host, String options) {
    assertThatExceptionOfType(UntrustedServerException.class)
        .isThrownBy(() -> url(user, host, options).connect(Map.of()))
        .withMessageContaining(SENTENCE);
  }

  @Test
  void withoutAPasswordItMayLetInOnThisMachine() throws Exception {
    try (Connection connection = url("open", "127.0.0.1", "").connect(Map.of())) {
      assertThat(connection.isValid(5)).isTrue();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "other.example.com, ?sslrootcert=AUTHORITY, certificate of another host",
    "db.project.supabase.co, '', Supabase's root certificates do not vouch for",
    "db.example.com, ?sslrootcert=system, this system's root certificates do not vouch for",
  })
  void theWrongCertificateIsRefused(String host, String options, String told) {
    DatabaseUrl url = url("scram", host, options.replace("AUTHORITY", authority.toString()));

    assertThatExceptionOfType(UntrustedServerException.class)
        .isThrownBy(() -> url.connect(Map.of()))
        .withMessageContaining(told);
    assertThatExceptionOfType(UntrustedServerException.class)
        .isThrownBy(url::channel)
        .withMessageContaining(told);
  }

  @Test
  void aWrongPasswordIsNoQuestionOfTrust() {
    DatabaseUrl url =
        DatabaseUrl.parse("postgres://scram:x@db.example.com:" + server.port() + "/postgres");

    assertThatExceptionOfType(SQLException.class)
        .isThrownBy(() -> url.connect(Map.of()))
        .isNotInstanceOf(UntrustedServerException.class)
        .withMessageContaining("password authentication failed");
  }

  private static String tls(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "select version from pg_stat_ssl where pid = pg_backend_pid()")) {
      row.next();
      return row.getString(1);
    }
  }

  @Test
  void localhostIsReachedByItsAddress() throws SQLException {
    try (Connection connection = url("scram", "localhost", "").connect(Map.of());
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("select host(inet_server_addr())")) {
      assertThat(row.next()).isTrue();
      assertThat(row.getString(1)).isEqualTo("127.0.0.1");
    }
  }
}
