package com.mcpist.origin.admin;

import static com.mcpist.origin.admin.AdminClient.text;
import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.origin.admin.AdminClient.Answer;
import com.mcpist.testkit.TestDatabase;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Two who deploy at once, each through an origin of its own. */
final class LockTest {
  private static TestDatabase database;
  private static AdminClient ann;
  private static AdminClient bob;
  private static Jdbi jdbi;

  private final UUID anns = UUID.randomUUID();
  private final UUID bobs = UUID.randomUUID();

  @BeforeAll
  static void start() throws SQLException {
    database = TestDatabase.create();
    jdbi = Jdbi.create(database.dataSource());
    ann = AdminClient.on(database);
    bob = AdminClient.on(database);
  }

  @AfterAll
  static void stop() throws SQLException {
    ann.close();
    bob.close();
    database.close();
  }

  @BeforeEach
  void nobodyHasIt() {
    jdbi.useHandle(h -> h.execute("delete from deployment_lock"));
  }

  private static void expire() {
    jdbi.useHandle(
        h -> h.execute("update deployment_lock set expires_at = now() - interval '1 second'"));
  }

  @Test
  void theSecondIsToldWhoHasItAndSinceWhen() {
    Answer taken = ann.lock(anns, "ann@laptop");
    Answer refused = bob.lock(bobs, "bob@desk");

    assertThat(taken.status()).isEqualTo(200);
    assertThat(taken.body().propertyNames())
        .containsExactly("owner", "purpose", "since", "expiresAt");
    Instant since = Instant.parse(text(taken.body(), "since"));
    assertThat(Duration.between(since, Instant.parse(text(taken.body(), "expiresAt"))))
        .isBetween(Duration.ofSeconds(60), Duration.ofSeconds(61));
    assertThat(refused.status()).isEqualTo(409);
    assertThat(refused.code()).isEqualTo("locked");
    assertThat(refused.body().get("lock")).isEqualTo(taken.body());
    assertThat(refused.body().toString()).doesNotContain(anns.toString());
    assertThat(bob.get("lock").body().get("lock")).isEqualTo(taken.body());
  }

  @Test
  void whoHasItRenewsItThroughEitherOrigin() {
    Answer taken = ann.lock(anns, "ann@laptop");
    jdbi.useHandle(
        h -> h.execute("update deployment_lock set expires_at = now() + interval '1 second'"));

    Answer renewed = bob.lock(anns, "ann@laptop");

    assertThat(renewed.status()).isEqualTo(200);
    assertThat(renewed.body().get("since")).isEqualTo(taken.body().get("since"));
    assertThat(Instant.parse(text(renewed.body(), "expiresAt")))
        .isAfterOrEqualTo(Instant.parse(text(taken.body(), "expiresAt")));
  }

  @Test
  void givenUpItIsFreeAndGivenUpAgainNothingHappens() {
    ann.lock(anns, "ann@laptop");

    assertThat(bob.delete("lock/" + bobs).status()).isEqualTo(204);
    assertThat(bob.lock(bobs, "bob@desk").status()).as("not bob's to give up").isEqualTo(409);
    assertThat(bob.delete("lock/" + anns).status()).isEqualTo(204);
    assertThat(ann.delete("lock/" + anns).status()).isEqualTo(204);
    assertThat(ann.get("lock").body().get("lock").isNull()).isTrue();
    assertThat(bob.lock(bobs, "bob@desk").status()).isEqualTo(200);
  }

  @Test
  void theLockOfOneWhoDiedExpires() {
    Answer first = ann.lock(anns, "ann@laptop");
    expire();

    assertThat(bob.get("lock").body().get("lock").isNull()).isTrue();
    Answer second = bob.lock(bobs, "bob@desk");

    assertThat(second.status()).isEqualTo(200);
    assertThat(Instant.parse(text(second.body(), "since")))
        .isAfter(Instant.parse(text(first.body(), "since")));
    assertThat(ann.lock(anns, "ann@laptop").code()).isEqualTo("locked");
  }

  @Test
  void ofManyWhoAskAtOnceExactlyOneGetsIt() throws Exception {
    for (int round = 0; round < 5; round++) {
      List<UUID> tokens = IntStream.range(0, 16).mapToObj(i -> UUID.randomUUID()).toList();
      List<Answer> answers = atOnce(tokens);

      assertThat(answers).filteredOn(a -> a.status() == 200).hasSize(1);
      assertThat(answers).filteredOn(a -> a.status() != 200).allMatch(a -> a.status() == 409);
      String owner = text(ann.get("lock").body().get("lock"), "owner");
      assertThat(answers.get(Integer.parseInt(owner)).status()).isEqualTo(200);
      expire(); // The next round is of those who find an old one.
    }
  }

  private static List<Answer> atOnce(List<UUID> tokens) throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Answer>> asked =
          IntStream.range(0, tokens.size())
              .mapToObj(
                  i ->
                      threads.submit(
                          () -> {
                            go.await();
                            AdminClient client = i % 2 == 0 ? ann : bob;
                            return client.lock(tokens.get(i), Integer.toString(i));
                          }))
              .toList();
      go.countDown();
      List<Answer> answers = new ArrayList<>();
      for (Future<Answer> one : asked) {
        answers.add(one.get());
      }
      return answers;
    }
  }
}
