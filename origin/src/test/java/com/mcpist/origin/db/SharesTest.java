package com.mcpist.origin.db;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.mcpist.origin.fixture.TestSchema;
import com.mcpist.testkit.Conditions;
import com.mcpist.testkit.TestDatabase;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.util.concurrent.CompletableFuture;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.Test;

/** A pool of six: two for this origin itself, and two for each user of the other four. */
final class SharesTest {
  private static final int POOL = 6;

  private final Shares shares = new Shares(POOL, 1);

  @Test
  void oneUserWaitsForOwnCallsAndKeepsNobodyElseOut() throws SQLException {
    Runnable first = shares.take("ann");
    Runnable second = shares.take("ann");
    CompletableFuture<Runnable> third = new CompletableFuture<>();
    Thread waiting = Thread.startVirtualThread(() -> take("ann", third));
    Conditions.await("it waits", () -> waiting.getState() == Thread.State.TIMED_WAITING);

    shares.take("bob").run();
    assertThat(third).isNotDone();
    first.run();
    third.join().run();
    second.run();
  }

  private void take(String user, CompletableFuture<Runnable> into) {
    try {
      into.complete(shares.take(user));
    } catch (SQLException e) {
      into.completeExceptionally(e);
    }
  }

  @Test
  void allUsersTogetherLeaveTheOriginItsOwn() throws SQLException {
    for (String user : new String[] {"ann", "ann", "bob", "bob"}) {
      shares.take(user);
    }
    assertThatExceptionOfType(SQLTransientConnectionException.class)
        .isThrownBy(() -> shares.take("carol"));
  }

  @Test
  void whoIsRefusedKeepsNothing() throws SQLException {
    Runnable first = shares.take("ann");
    shares.take("ann");
    shares.take("bob");
    shares.take("bob");
    for (int i = 0; i < 5; i++) {
      assertThatExceptionOfType(SQLException.class).isThrownBy(() -> shares.take("carol"));
    }

    first.run();
    shares.take("carol").run();
    shares.take("carol").run();
  }

  @Test
  void aSmallPoolHasAPlaceForACall() throws SQLException {
    new Shares(1, 1).take("ann").run();
    new Shares(2, 1).take("ann").run();
  }

  @Test
  void aConnectionThatIsGivenBackIsAPlaceAgain() throws SQLException {
    try (TestDatabase test = TestDatabase.create();
        Database database =
            Database.open(
                TestSchema.config(test.url(), test.url(), POOL), TestSchema.loginGate())) {
      for (int i = 0; i < POOL; i++) {
        database.openFor("ann", i % 2 == 0).close();
        database.discard(database.openFor("ann", false));
      }
      try (Handle first = database.openFor("ann", false);
          Handle second = database.openFor("ann", true);
          Handle third = database.openFor("bob", false);
          Handle fourth = database.openFor("bob", false);
          Handle own = database.open()) {
        assertThat(own.createQuery("select 1").mapTo(Integer.class).one()).isOne();
        for (Handle handle : new Handle[] {first, second, third, fourth, own}) {
          handle.rollback();
        }
      }
      database.openFor("carol", false).close();
    }
  }
}
