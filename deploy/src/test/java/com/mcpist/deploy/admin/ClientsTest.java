package com.mcpist.deploy.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.mcpist.deploy.admin.AdminPath.Access;
import com.mcpist.deploy.admin.AdminPath.AdminException;
import com.mcpist.deploy.admin.AdminPath.AdminException.Kind;
import com.mcpist.deploy.admin.Clients.KeyList;
import com.mcpist.deploy.admin.Clients.KeyRecord;
import com.mcpist.deploy.admin.Clients.PlanLimits;
import com.mcpist.deploy.admin.Clients.PlanUser;
import com.mcpist.deploy.admin.Clients.Plans;
import com.mcpist.deploy.secret.ApiKey;
import com.mcpist.deploy.secret.Secret;
import com.mcpist.deploy.time.Deadline;
import com.mcpist.deploy.time.TestTime;
import com.mcpist.testkit.Behaviour;
import com.mcpist.testkit.ClientsServer;
import com.mcpist.testkit.FaultServer;
import com.mcpist.testkit.HttpMessage;
import java.net.URI;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ClientsTest {
  private static final String SECRET = "the-gateway-secret-that-nobody-may-see";
  private static final String TOKEN = "the-admin-token-that-nobody-may-see!!";
  private static final Instant END = Instant.parse("2027-01-01T00:00:00Z");

  private final TestTime time = TestTime.create();
  private final FaultServer old = FaultServer.start();
  private final ClientsServer origin = new ClientsServer(SECRET, TOKEN);
  private final Clients clients = clients(origin.url());

  @AfterEach
  void close() throws Exception {
    old.close();
    origin.close();
  }

  private Clients clients(String... urls) {
    return new Clients(
        new AdminPath(
            List.of(urls).stream().map(URI::create).toList(),
            List.of(new Access(Secret.of(SECRET), Secret.of(TOKEN))),
            time));
  }

  private Deadline deadline() {
    return time.minutes(1);
  }

  @Test
  void onlyTheDigestOfAKeyIsSent() throws Exception {
    ApiKey key = ApiKey.create();

    KeyRecord made = clients.add(key.digest(), "laptop", "local", Optional.of(END), deadline());

    assertThat(made.name()).isEqualTo("laptop");
    assertThat(made.user()).isEqualTo("local");
    assertThat(made.expires()).contains(END);
    assertThat(made.revoked()).isEmpty();
    assertThat(origin.digests()).containsExactly(key.digest());
    assertThat(origin.requests())
        .extracting(HttpMessage::toString)
        .noneMatch(text -> text.contains(key.secret().reveal()));
    assertThat(origin.requests())
        .extracting(HttpMessage::text)
        .noneMatch(text -> text.contains(key.secret().reveal()));
  }

  @Test
  void whatOneOriginDoesNotAnswerTheNextOneDoesAndTwiceIsAsOnce() throws Exception {
    old.always(Behaviour.resetBefore());
    Clients both = clients(old.url(), origin.url());
    ApiKey key = ApiKey.create();

    KeyRecord first = both.add(key.digest(), "laptop", "local", Optional.empty(), deadline());
    KeyRecord second = both.add(key.digest(), "laptop", "local", Optional.empty(), deadline());

    assertThat(second).isEqualTo(first);
    assertThat(keys(both, 100).keys()).hasSize(1);
  }

  @Test
  void aNameThatIsTakenIsSaidAndFreeOnceItsKeyIsRevoked() throws Exception {
    KeyRecord first = make("laptop");

    assertThatExceptionOfType(AdminException.class)
        .isThrownBy(() -> make("laptop"))
        .satisfies(e -> assertThat(e.kind()).isEqualTo(Kind.REJECTED))
        .withMessageContaining("there is a key called laptop already")
        .withMessageContaining("mcpist keys revoke laptop");
    KeyRecord revoked = clients.revoke("laptop", deadline());
    assertThat(revoked.id()).isEqualTo(first.id());
    assertThat(revoked.revoked()).isPresent();
    assertThat(clients.revoke(first.id(), deadline())).isEqualTo(revoked);
    KeyRecord again = make("laptop");
    assertThat(keys(clients, 100).keys())
        .extracting(KeyRecord::id)
        .containsExactly(again.id(), first.id());
  }

  private KeyList keys(Clients of, int most) throws Exception {
    return of.keys(most, deadline());
  }

  @Test
  void moreThanOneAnswerHoldsIsAskedForInPiecesAndAllIsCounted() throws Exception {
    for (int i = 0; i < 1001; i++) {
      make("key-" + i);
    }
    clients.revoke("key-1000", deadline());

    KeyList all = keys(clients, 5000);
    KeyList two = keys(clients, 2);

    assertThat(all.keys()).extracting(KeyRecord::name).doesNotHaveDuplicates().hasSize(1001);
    assertThat(all.keys().getLast().name()).isEqualTo("key-1000");
    assertThat(two.keys()).extracting(KeyRecord::name).containsExactly("key-999", "key-998");
    assertThat(List.of(all, two)).allMatch(list -> list.total() == 1001 && list.working() == 1000);
    assertThat(origin.requests())
        .extracting(HttpMessage::target)
        .endsWith(
            "/api/admin/keys?limit=1000",
            "/api/admin/keys?limit=1000&after=" + all.keys().get(999).id(),
            "/api/admin/keys?limit=2");
  }

  @Test
  void usersComeInPiecesToo() throws Exception {
    clients.put(new PlanLimits("team", 1200, 100, Optional.of(500)), deadline());
    for (int i = 0; i < 1001; i++) {
      clients.put(new PlanUser("user-" + i, "team"), deadline());
    }

    assertThat(clients.plans(5000, deadline()).users()).doesNotHaveDuplicates().hasSize(1001);
    Plans few = clients.plans(3, deadline());
    assertThat(few.users()).hasSize(3);
    assertThat(few.totalUsers()).isEqualTo(1001);
  }

  /** It ignores where a page begins. */
  @Test
  void aKeyIsFoundByItsDigestAlone() throws Exception {
    ApiKey key = ApiKey.create();
    KeyRecord made = clients.add(key.digest(), "laptop", "ann", Optional.empty(), deadline());
    clients.revoke("laptop", deadline());

    KeyRecord found = clients.find(key, deadline()).orElseThrow();

    assertThat(found.id()).isEqualTo(made.id());
    assertThat(found.user()).isEqualTo("ann");
    assertThat(found.fingerprint()).isEqualTo(key.digest().substring(0, 16));
    assertThat(found.revoked()).isPresent();
    assertThat(clients.find(ApiKey.create(), deadline())).isEmpty();
    assertThat(origin.requests())
        .extracting(HttpMessage::toString)
        .noneMatch(text -> text.contains(key.secret().reveal()));
  }

  /** It does not know the path, which must not pass for not knowing the key. */
  @Test
  void anOriginOfAnEarlierReleaseIsNotTakenForOneThatDoesNotKnowTheKey() {
    old.always(Behaviour.answer(404, "{\"error\":{\"code\":\"not_found\",\"message\":\"No.\"}}"));

    assertThatExceptionOfType(AdminException.class)
        .isThrownBy(() -> clients(old.url()).find(ApiKey.create(), deadline()))
        .withMessageContaining("a release of MCPist that knows this");
  }

  private KeyRecord make(String name) throws Exception {
    return clients.add(ApiKey.create().digest(), name, "local", Optional.empty(), deadline());
  }

  @Test
  void whatDoesNotExistIsSaidWithWhereToLook() {
    assertThatExceptionOfType(AdminException.class)
        .isThrownBy(() -> clients.revoke("lap/top", deadline()))
        .withMessage("there is no key called lap/top: `mcpist keys list` shows them");
    assertThat(origin.requests().getLast().target()).isEqualTo("/api/admin/keys/lap%2Ftop");
    assertThatExceptionOfType(AdminException.class)
        .isThrownBy(() -> clients.put(new PlanUser("alice", "gold"), deadline()))
        .withMessage("there is no plan called gold: `mcpist plans list` shows them");
  }

  @Test
  void plansAreSetAndGiven() throws Exception {
    clients.put(new PlanLimits("team", 1200, 100, Optional.of(500)), deadline());
    clients.put(new PlanLimits("team", 1200, 200, Optional.empty()), deadline());
    clients.put(new PlanUser("auth0|a b", "team"), deadline());

    Plans plans = clients.plans(100, deadline());

    assertThat(plans.plans())
        .containsExactly(
            new PlanLimits("standard", 300, 50, Optional.of(100)),
            new PlanLimits("team", 1200, 200, Optional.of(500)));
    assertThat(plans.users()).extracting(PlanUser::plan).containsExactly("team");
    assertThat(origin.requests())
        .extracting(HttpMessage::target)
        .contains("/api/admin/users/auth0%7Ca%20b");
  }

  @Test
  void anOriginOfAnEarlierReleaseIsToldFromAKeyThatIsAbsent() {
    old.always(Behaviour.answer(404, "{\"error\":{\"code\":\"not_found\",\"message\":\"No.\"}}"));

    assertThatExceptionOfType(AdminException.class)
        .isThrownBy(() -> keys(clients(old.url()), 10))
        .satisfies(e -> assertThat(e.kind()).isEqualTo(Kind.REJECTED))
        .withMessageContaining("a release of MCPist that knows this");
  }

  @Test
  void aKeyWorksUntilItEndsOrIsRevoked() {
    KeyRecord endless = key(Optional.empty(), Optional.empty());
    KeyRecord ending = key(Optional.of(END), Optional.empty());
    KeyRecord revoked = key(Optional.empty(), Optional.of(END));

    assertThat(endless.works(END)).isTrue();
    assertThat(ending.works(END.minusMillis(1))).isTrue();
    assertThat(ending.works(END)).isFalse();
    assertThat(revoked.works(END.minusSeconds(1))).isFalse();
  }

  @Test
  void whatHadEndedBeforeItWasRevokedHasExpired() {
    assertThat(key(Optional.of(END), Optional.of(END)).expired(END)).isTrue();
    assertThat(key(Optional.of(END), Optional.of(END.minusSeconds(1))).expired(END)).isFalse();
    assertThat(key(Optional.of(END), Optional.empty()).expired(END.minusSeconds(1))).isFalse();
    assertThat(key(Optional.of(END), Optional.empty()).expired(END)).isTrue();
    assertThat(key(Optional.empty(), Optional.of(END)).expired(END)).isFalse();
  }

  private static KeyRecord key(Optional<Instant> expires, Optional<Instant> revoked) {
    return new KeyRecord("1", "a", "b", Optional.empty(), expires, revoked, "0123456789abcdef");
  }
}
