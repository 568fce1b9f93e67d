package com.mcpist.origin.db;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.mcpist.origin.fixture.TestSchema;
import com.mcpist.testkit.Conditions;
import com.mcpist.testkit.TestDatabase;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.Test;

/** A pool of ten: two for this origin itself, and eight for calls. */
final class SharesTest {
  private final Shares shares = new Shares(10, 1, user -> user.equals("eve"));

  private List<Runnable> take(String user, int count) throws SQLException {
    List<Runnable> taken = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      taken.add(shares.take(user));
    }
    return taken;
  }

  /** One more call of the user's, which has to wait. */
  private CompletableFuture<Runnable> waits(String user) {
    CompletableFuture<Runnable> place = new CompletableFuture<>();
    Thread waiting =
        Thread.startVirtualThread(
            () -> {
              try {
                place.complete(shares.take(user));
              } catch (SQLException e) {
                place.completeExceptionally(e);
              }
            });
    Conditions.await("it waits", () -> waiting.getState() == Thread.State.TIMED_WAITING);
    assertThat(place).isNotDone();
    return place;
  }

  @Test
  void noThirdUserIsFailed() throws SQLException {
    take("ann", 4);
    CompletableFuture<Runnable> another = waits("ann");
    take("bob", 2);
    CompletableFuture<Runnable> third = waits("bob");

    shares.take("carol").run();

    assertThat(another).isNotDone();
    assertThat(third).isNotDone();
  }

  @Test
  void whoTakesMuchOfTheDatabasesTimeHasOneAtATime() throws Exception {
    Runnable first = shares.take("eve");
    CompletableFuture<Runnable> second = waits("eve");
    take("ann", 3);

    first.run();

    second.get().run();
  }

  @Test
  void whoHoldsSomeWaitsForThemAndInLine() throws SQLException {
    List<Runnable> anns = take("ann", 4);
    CompletableFuture<Runnable> first = waits("ann");
    CompletableFuture<Runnable> second = waits("ann");

    anns.get(0).run();
    first.join();
    assertThat(second).isNotDone();
    anns.get(1).run();
    second.join().run();
  }

  @Test
  void allUsersTogetherLeaveTheOriginItsOwn() throws SQLException {
    Runnable anns = take("ann", 4).getFirst();
    take("bob", 2);
    take("carol", 1);
    take("dave", 1);
    for (int i = 0; i < 5; i++) {
      assertThatExceptionOfType(SQLTransientConnectionException.class)
          .as("who is refused keeps nothing")
          .isThrownBy(() -> shares.take("eve"));
    }

    anns.run();
    shares.take("eve").run();
  }

  @Test
  void aSmallPoolHasAPlaceForACall() throws SQLException {
    new Shares(1, 1, user -> false).take("ann").run();
    new Shares(2, 1, user -> false).take("ann").run();
  }

  @Test
  void aConnectionThatIsGivenBackIsAPlaceAgain() throws SQLException {
    int pool = 6;
    try (TestDatabase test = TestDatabase.create();
        Database database =
            Database.open(
                TestSchema.config(test.url(), test.url(), pool), TestSchema.loginGate())) {
      for (int i = 0; i < pool; i++) {
        database.openFor("ann", i % 2 == 0).close();
        database.discard(database.openFor("ann", false));
      }
      try (Handle first = database.openFor("ann", false);
          Handle second = database.openFor("ann", true);
          Handle third = database.openFor("bob", false);
          Handle fourth = database.openFor("carol", false);
          Handle own = database.open()) {
        assertThat(own.createQuery("select 1").mapTo(Integer.class).one()).isOne();
        for (Handle handle : new Handle[] {first, second, third, fourth, own}) {
          handle.rollback();
        }
      }
      database.openFor("dave", false).close();
    }
  }
}
