package com.mcpist.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.mcpist.testkit.Certificates;
import com.mcpist.testkit.LyingDatabase;
import com.mcpist.testkit.LyingDatabase.Demand;
import java.nio.file.Path;
import java.util.Map;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** DNS leads to a stranger, who asks for the password in each way. */
final class LyingNetworkTest {
  private static final String PASSWORD = "open-sesame-1001";

  /** The first byte of a client's message with a password, or with what does for it. */
  private static final String PASSWORD_MESSAGE = "p\0";

  private static SSLContext ofTheHosts;
  private static Path authority;

  @BeforeAll
  static void certificates(@TempDir Path folder) throws Exception {
    Certificates made = Certificates.in(folder);
    String names =
        "dns:db.example.com,dns:db.project.supabase.co,dns:ep.aws.neon.tech,dns:postgres";
    ofTheHosts = Certificates.server(made.signed("hosts", names, "-1d", 30));
    authority = made.trustedPem();
  }

  @ParameterizedTest
  @CsvSource({
    "db.example.com, ''",
    "db.project.supabase.co, ''",
    "aws-0.pooler.supabase.com, ?sslmode=require",
    "ep.aws.neon.tech, ?sslmode=require",
    "postgres, ''"
  })
  void withoutTlsNothingIsSent(String host, String options) {
    try (LyingDatabase server = LyingDatabase.withoutTls(Demand.CLEARTEXT)) {
      String refused = refused(server, host, options);

      assertThat(refused).contains(host + ":" + server.port() + " offers no TLS");
      assertThat(server.received()).isEmpty();
      assertThat(server.clients()).isPositive();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "db.project.supabase.co, '', Supabase's root certificates",
    "db.project.supabase.co, ?sslmode=require, Supabase's root certificates",
    "ep.aws.neon.tech, ?sslmode=require, this system's root certificates",
    "db.example.com, ?sslmode=verify-full, this system's root certificates"
  })
  void anotherAuthorityIsRefused(String host, String options, String roots) {
    try (LyingDatabase server = LyingDatabase.withTls(Demand.CLEARTEXT, ofTheHosts)) {
      String refused = refused(server, host, options);

      assertThat(refused).contains("shows a certificate that " + roots);
      assertThat(server.received()).isEmpty();
    }
  }

  @Test
  void anotherHostIsRefused() {
    try (LyingDatabase server = LyingDatabase.withTls(Demand.CLEARTEXT, ofTheHosts)) {
      String refused = refused(server, "other.example.com", "?sslrootcert=" + authority);

      assertThat(refused).contains("certificate of another host");
      assertThat(server.received()).isEmpty();
    }
  }

  /** Even of a server with the right certificate. */
  @ParameterizedTest
  @EnumSource(Demand.class)
  void onlyScramGetsAnAnswer(Demand demand) {
    try (LyingDatabase server = LyingDatabase.withTls(demand, ofTheHosts)) {
      for (String options : new String[] {"", "?sslrootcert=" + authority}) {
        var _ = refused(server, "db.example.com", options);
      }
      assertThat(server.received())
          .contains("user\0somebody\0")
          .doesNotContain(PASSWORD, PASSWORD_MESSAGE);
    }
    try (LyingDatabase server = LyingDatabase.withoutTls(demand)) {
      var _ = refused(server, "postgres", "?sslmode=disable");

      assertThat(server.received())
          .contains("user\0somebody\0")
          .doesNotContain(PASSWORD, PASSWORD_MESSAGE);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"CLEARTEXT", "MD5"})
  void alsoOnThisMachine(Demand demand) {
    try (LyingDatabase server = LyingDatabase.withoutTls(demand)) {
      String refused = refused(server, "127.0.0.1", "");

      assertThat(refused).contains("does not ask for the password by SCRAM-SHA-256");
      assertThat(server.received()).doesNotContain(PASSWORD, PASSWORD_MESSAGE);
    }
  }

  private static String refused(LyingDatabase server, String host, String options) {
    DatabaseUrl url =
        DatabaseUrl.parse(
            "postgres://somebody:" + PASSWORD + "@" + host + ":" + server.port() + "/d" + options);
    UntrustedServerException refused =
        catchThrowableOfType(UntrustedServerException.class, () -> url.connect(Map.of()));
    String told = refused == null ? "it was not refused" : String.valueOf(refused.getMessage());
    assertThat(told).startsWith(host).doesNotContain(PASSWORD, "\n");
    return told;
  }
}
