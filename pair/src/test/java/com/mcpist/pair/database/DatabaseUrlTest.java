package com.mcpist.pair.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.mcpist.pair.data.PairException;
import com.mcpist.testkit.TestDatabase;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DatabaseUrlTest {
  @Test
  void thePasswordAndTheOptionsAreNotShown() throws PairException {
    DatabaseUrl url =
        DatabaseUrl.parse(
            "postgres://me:hunter2@db.example.com:6543/app?sslpassword=x&sslmode=require");

    assertThat(url.shown()).isEqualTo("postgres://me@db.example.com:6543/app");
    assertThat(url.toString()).isEqualTo(url.shown());
    assertThat(DatabaseUrl.parse("postgresql://me@db/app").shown())
        .isEqualTo("postgres://me@db/app");
  }

  @Test
  void anotherSocketIsAllThatChanges() throws PairException {
    DatabaseUrl url = DatabaseUrl.parse("postgres://me:a%40b@%2Frun%2Fa/app?ApplicationName=x");

    assertThat(url.socketFolder()).contains(Path.of("/run/a"));
    assertThat(url.withSocket(Path.of("/run/b c")).full())
        .isEqualTo("postgres://me:a%40b@%2Frun%2Fb%20c/app?ApplicationName=x");
    assertThat(DatabaseUrl.parse("postgres://me@db/app").socketFolder()).isEmpty();
  }

  @Test
  void originsHaveARoleOfTheirOwnWithAPasswordThatStays() throws PairException {
    DatabaseUrl owner = DatabaseUrl.parse("postgres://me:hunter2@db:5432/app?sslmode=require");
    DatabaseUrl origins = owner.forOrigins();

    assertThat(origins.full())
        .matches("postgres://mcpist:[0-9a-f]{64}@db:5432/app\\?sslmode=require")
        .isEqualTo(DatabaseUrl.parse(owner.full()).forOrigins().full())
        .isNotEqualTo(DatabaseUrl.parse(owner.full().replace("2@", "3@")).forOrigins().full());
    assertThat(owner.isOrigins()).isFalse();
    assertThat(origins.isOrigins()).isTrue();
    assertThat(DatabaseUrl.parse("postgres://me@db/app").forOrigins().full())
        .matches("postgres://mcpist:[0-9a-f]{64}@db/app");
  }

  @Test
  void aPoolerOfSupabaseNamesTheProjectToo() throws PairException {
    DatabaseUrl owner =
        DatabaseUrl.parse("postgres://postgres.ref:pw@aws-0.pooler.supabase.com:6543/postgres");

    assertThat(owner.forOrigins().full()).startsWith("postgres://mcpist.ref:");
    assertThat(owner.forOrigins().isOrigins()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "mysql://me:hunter2@h/d",
        "hunter2",
        "postgres://me:hunter2@ h/d",
        "postgres://h/hunter2",
        "postgres://me:hunter2@h/d?sslmode=prefer",
        "postgres://me:hunter2@db.example.com/d?sslmode=disable"
      })
  void anotherAddressIsRejectedWithoutRepeatingIt(String text) {
    assertThatExceptionOfType(PairException.class)
        .isThrownBy(() -> DatabaseUrl.parse(text))
        .withMessageContaining("DATABASE_URL")
        .satisfies(e -> assertThat(e.getMessage()).doesNotContain("hunter2"));
  }

  @Test
  void aDatabaseThatIsThereLetsUsIn() throws Exception {
    try (TestDatabase database = TestDatabase.create()) {
      DatabaseUrl.parse(database.url()).check();

      DatabaseUrl absent = DatabaseUrl.parse(database.url() + "_absent");
      assertThatExceptionOfType(PairException.class)
          .isThrownBy(absent::check)
          .withMessageContaining("does not exist");
    }
  }
}
