package com.mcpist.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.InputStream;
import java.security.MessageDigest;
import java.security.cert.CertificateFactory;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ProtectionTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "127.0.0.1:5432                | | LOCAL      | -           | scram-sha-256,none",
        "127.9.8.7                     | | LOCAL      | -           | scram-sha-256,none",
        "[::1]:5432                    | | LOCAL      | -           | scram-sha-256,none",
        "localhost                     | | LOCAL      | -           | scram-sha-256,none",
        "LocalHost                     | sslmode=disable | LOCAL | disable | scram-sha-256,none",
        "localhost                     | requireAuth=scram-sha-256 | LOCAL | - | scram-sha-256",
        "localhost.example.com         | | BOUND      | require     | scram-sha-256",
        "127.0.0.1.example.com         | | BOUND      | require     | scram-sha-256",
        "0.0.0.0                       | | BOUND      | require     | scram-sha-256",
        "db.example.com                | | BOUND      | require     | scram-sha-256",
        "db.example.com                | sslmode=require | BOUND | require | scram-sha-256",
        "db.example.com                | channel_binding=prefer | UNVERIFIED | require |"
            + " scram-sha-256",
        "db.example.com                | sslmode=verify-full | VERIFIED | verify-full |"
            + " scram-sha-256",
        "db.example.com                | sslrootcert=system | VERIFIED | verify-full |"
            + " scram-sha-256",
        "db.example.com                | sslrootcert=/ca.pem | VERIFIED | verify-full |"
            + " scram-sha-256",
        "db.example.com                | sslmode=require&sslrootcert=/ca.pem | VERIFIED |"
            + " verify-full | scram-sha-256",
        "db.example.com                | sslmode=verify-ca&sslrootcert=/ca.pem | VERIFIED |"
            + " verify-ca | scram-sha-256",
        "db.example.com                | sslmode=VERIFY-FULL&require_auth=none | VERIFIED |"
            + " verify-full | none",
        "db.project.supabase.co        | | VERIFIED   | verify-full | scram-sha-256",
        "DB.project.Supabase.co.:5432  | | VERIFIED   | verify-full | scram-sha-256",
        "aws-0.pooler.supabase.com:6543| sslmode=require | VERIFIED | verify-full | scram-sha-256",
        "aws-0.pooler.supabase.com:6543| sslmode=verify-ca | VERIFIED | verify-full |"
            + " scram-sha-256",
        "ep.aws.neon.tech              | sslmode=require&channel_binding=require | VERIFIED |"
            + " verify-full | scram-sha-256",
        "supabase.co.example.com       | | BOUND      | require     | scram-sha-256",
        "postgres:5432                 | | BOUND      | require     | scram-sha-256",
        "postgres:5432                 | sslmode=disable | PLAIN | disable | scram-sha-256",
        "db.internal                   | sslmode=disable | PLAIN | disable | scram-sha-256",
        "10.1.2.3                      | sslmode=disable | PLAIN | disable | scram-sha-256",
        "[fdaa:0:1::3]:5432            | sslmode=disable | PLAIN | disable | scram-sha-256",
      })
  void eachHostHasItsRule(String hosts, String options, String kind, String mode, String methods) {
    DatabaseUrl url =
        DatabaseUrl.parse(
            "postgres://u:p@" + hosts + "/d" + (options == null ? "" : "?" + options));
    Protection protection = Protection.of(url.hosts(), url.options());

    assertThat(protection.kind()).hasToString(kind);
    Map<String, String> jdbc = options(url.jdbc(Map.of()));
    assertThat(jdbc.getOrDefault("sslmode", "-")).isEqualTo(mode);
    assertThat(jdbc.get("requireAuth")).isEqualTo(methods.replace(",", "%2C"));
    if (!kind.equals("LOCAL")) {
      assertThat(jdbc).containsEntry("gssEncMode", "disable");
    }
    if (kind.equals("BOUND")) {
      assertThat(jdbc).containsEntry("channelBinding", "require");
    }
  }

  private static Map<String, String> options(String jdbc) {
    return List.of(jdbc.substring(jdbc.indexOf('?') + 1).split("&", -1)).stream()
        .map(pair -> pair.split("=", 2))
        .collect(Collectors.toMap(pair -> pair[0], pair -> pair[1]));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "db.example.com | sslmode=disable | private network",
        "db.project.supabase.co | sslmode=disable | private network",
        "8.8.8.8 | sslmode=disable | private network",
        "db.example.com | sslmode=allow | goes on without TLS",
        "postgres | sslmode=prefer | goes on without TLS",
        "db.example.com | sslmode=sometimes | sslmode must be",
        "db.example.com | ssl=false | option ssl must be removed",
        "db.example.com | sslfactory=org.postgresql.ssl.NonValidatingFactory | sslfactory must be"
            + " removed",
        "db.example.com | sslhostnameverifier=x | must be removed",
        "db.example.com | authenticationPluginClassName=x | must be removed",
        "db.example.com | socketFactory=x | must be removed",
        "db.example.com | gssEncMode=prefer | gssEncMode",
        "db.example.com | gssencmode=require | gssEncMode",
        "db.example.com | requireAuth=password | requireAuth must be scram-sha-256",
        "db.example.com | require_auth=scram-sha-256,md5 | requireAuth must be scram-sha-256",
        "db.example.com | requireAuth=!none | requireAuth must be scram-sha-256",
        "db.example.com | requireAuth=none | requireAuth must be scram-sha-256",
        "127.0.0.1 | requireAuth=md5 | requireAuth must be scram-sha-256 or none",
        "127.0.0.1 | PGHOST=db.example.com | PGHOST must be removed",
        "127.0.0.1 | host=db.example.com | no option host",
        "127.0.0.1 | hOsT=db.example.com | no option hOsT",
        "127.0.0.1 | service=x | service must be removed",
        "127.0.0.1 | password=sesame | password must be removed",
        "db.example.com | sslmod=verify-full | no option sslmod",
        "db.example.com | sslrootcert=ca.pem | absolute path",
        "db.example.com | sslmode=verify-full&sslcert=/c | needs sslrootcert",
        "127.0.0.1,db.example.com | '' | all be on this machine",
        "db.project.supabase.co,db.example.com | '' | all of one vendor",
        "db%2eexample.com | '' | a host is",
      })
  void whatAsksForLessIsRefusedWithWhatToDo(String hosts, String options, String told) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DatabaseUrl.parse("postgres://u:sesame@" + hosts + "/d?" + options))
        .withMessageStartingWith("refused: ")
        .withMessageContaining(told)
        .satisfies(e -> assertThat(e.getMessage()).doesNotContain("sesame"));
  }

  @Test
  void theRootsAreSupabases() throws Exception {
    MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
    try (InputStream file = Protection.class.getResourceAsStream("supabase-roots.pem")) {
      var roots = CertificateFactory.getInstance("X.509").generateCertificates(file);
      List<String> prints =
          roots.stream()
              .map(
                  root -> {
                    try {
                      return HexFormat.of().formatHex(sha256.digest(root.getEncoded()));
                    } catch (java.security.cert.CertificateEncodingException e) {
                      throw new IllegalStateException(e);
                    }
                  })
              .toList();
      assertThat(prints)
          .containsExactly(
              "807025ad50d4ed219d2c9c7d299c004f824eb00cf7f65afef607d07b72e6cafa",
              "5f9b77951a7aa1303f9b58eea9bfa89e358cfdc15f9786ff10d4930a722c9ae2");
    }
  }
}
