package com.mcpist.deploy.admin;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.deploy.admin.AdminPath.Access;
import com.mcpist.deploy.admin.Mounting.Mounted;
import com.mcpist.deploy.secret.Secret;
import com.mcpist.deploy.time.TestTime;
import com.mcpist.testkit.Behaviour;
import com.mcpist.testkit.FaultServer;
import com.mcpist.testkit.HttpMessage;
import java.net.URI;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MountingTest {
  private static final String MOUNTS =
      """
      {"mounts": [
        {"name": "one", "state": "RUNNING", "problem": null, "revision": "2025-11-25",
         "server": {"name": "everything", "version": "1"}, "perUser": false, "pin": true,
         "restarts": 2, "residentBytes": 7,
         "tools": [{"name": "a", "offeredAs": "one_a", "effect": "reads", "state": "approved"},
                   {"name": "b", "offeredAs": "one_b", "effect": "once", "state": "held"}],
         "prompts": 3, "resources": 4, "more": {}},
        {"name": "two", "state": "failed", "problem": "it died", "tools": []}]}
      """;

  private final TestTime time = TestTime.create();
  private final FaultServer one = FaultServer.start();
  private final FaultServer two = FaultServer.start();

  @AfterEach
  void close() throws Exception {
    one.close();
    two.close();
  }

  private Mounting mounting() {
    Secret secret = Secret.of("s".repeat(32));
    return new Mounting(
        new AdminPath(
            List.of(URI.create(one.url()), URI.create(two.url())),
            List.of(new Access(secret, secret)),
            time));
  }

  @Test
  void itTellsWhatAnOriginMounts() throws Exception {
    one.always(Behaviour.answer(200, MOUNTS));

    List<Mounted> mounts = mounting().list(time.minutes(1));

    assertThat(mounts).extracting(Mounted::name).containsExactly("one", "two");
    assertThat(mounts.getFirst().state()).isEqualTo("running");
    assertThat(mounts.getFirst().tools()).hasSize(2);
    assertThat(mounts.getLast().server()).isEmpty();
  }

  @Test
  void whatAPersonShouldSeeToIsAskedOfOneOrigin() throws Exception {
    one.always(Behaviour.answer(200, "{\"mounts\": []}"));
    two.always(Behaviour.answer(200, MOUNTS));

    assertThat(mounting().problems(URI.create(two.url()), time.minutes(1)))
        .containsExactly(
            "mount one: tool b has changed since it was approved and is held back: `mcpist mount"
                + " approve one`",
            "mount two: it died");
    two.always(Behaviour.answer(404, "{}"));
    assertThat(mounting().problems(URI.create(two.url()), time.minutes(1))).isEmpty();
  }

  @Test
  void approvalNamesTheMount() throws Exception {
    one.always(Behaviour.status(204));

    mounting().approve("one", time.minutes(1));

    assertThat(one.requests())
        .extracting(HttpMessage::method, HttpMessage::target)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple("POST", "/api/admin/mounts/one/approve"));
  }
}
