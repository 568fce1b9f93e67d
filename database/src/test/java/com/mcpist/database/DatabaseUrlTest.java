package com.mcpist.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class DatabaseUrlTest {
  @Test
  void thePartsAreRead() {
    DatabaseUrl url =
        DatabaseUrl.parse(
            "postgres://post.gres:p%40ss%3Aw%2Frd+@db.example.com:5433/my%20db"
                + "?sslmode=require&connect_timeout=7&application_name=me");

    assertThat(url.user()).isEqualTo("post.gres");
    assertThat(url.password()).isEqualTo("p@ss:w/rd+");
    assertThat(url.database()).isEqualTo("my db");
    assertThat(url.options())
        .isEqualTo(Map.of("sslmode", "require", "connectTimeout", "7", "ApplicationName", "me"));
    assertThat(url.jdbc(Map.of("connectTimeout", "1")))
        .startsWith("jdbc:postgresql://db.example.com:5433/my+db?")
        .contains("connectTimeout=7", "sslmode=require")
        .doesNotContain("connectTimeout=1", "rd");
  }

  @Test
  void itPrintsWithoutPasswordAndOptions() {
    assertThat(DatabaseUrl.parse("postgresql://u:secret@h/d?sslpassword=hidden"))
        .hasToString("postgres://u@h/d");
  }

  @Test
  void severalHostsAndIpv6() {
    assertThat(DatabaseUrl.parse("postgres://u@a:1,b:2/d").hosts()).isEqualTo("a:1,b:2");
    assertThat(DatabaseUrl.parse("postgres://u@[::1]:5432/d").hosts()).isEqualTo("[::1]:5432");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          localhost                     | 127.0.0.1,[::1]
          LocalHost.:5433               | 127.0.0.1:5433,[::1]:5433
          127.0.0.1:1,localhost:2       | 127.0.0.1:1,127.0.0.1:2,[::1]:2
          localhost.example.com         | localhost.example.com
          """)
  void noDnsIsAskedWhereLocalhostIs(String hosts, String addresses) {
    assertThat(DatabaseUrl.parse("postgres://u@" + hosts + "/d").jdbc(Map.of()))
        .startsWith("jdbc:postgresql://" + addresses + "/d?");
  }

  @ParameterizedTest
  @CsvSource({
    "postgres://u@h:5432/d, false",
    "postgres://u@h:6543/d, true",
    "postgres://u@h/d?pgbouncer=true, true",
    "postgres://u@h:6543/d?pgbouncer=false, false"
  })
  void aPoolerIsKnownByItsPortOrByAnOption(String url, boolean pooler) {
    DatabaseUrl parsed = DatabaseUrl.parse(url);

    assertThat(parsed.pooler()).isEqualTo(pooler);
    assertThat(parsed.jdbc(Map.of()).contains("prepareThreshold=0")).isEqualTo(pooler);
    assertThat(parsed.jdbc(Map.of())).doesNotContain("pgbouncer");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "sesame",
        "mysql://u:sesame@h/d",
        "postgres://sesame",
        "postgres://h/sesame",
        "postgres://:sesame@h/d",
        "postgres://u:sesame@/d",
        "postgres://u:sesame@h",
        "postgres://u:sesame@h/",
        "postgres://u:ses ame@h/d",
        "postgres://u:sesame%zz@h/d",
        "postgres://u:sesame@h/d?option",
        "postgres://u:sesame@h/d?=x"
      })
  void whatIsNoSuchUrlIsRefusedWithoutBeingTold(String url) {
    assertThatThrownBy(() -> DatabaseUrl.parse(url))
        .isInstanceOf(IllegalArgumentException.class)
        .hasNoCause()
        .message()
        .startsWith("not a database URL")
        .doesNotContain("sesame");
  }
}
