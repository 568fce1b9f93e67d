package com.mcpist.pair.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.mcpist.deploy.platform.PlatformException;
import com.mcpist.deploy.platform.PlatformException.Kind;
import com.mcpist.deploy.secret.Secret;
import com.mcpist.deploy.time.Deadline;
import com.mcpist.deploy.time.Time;
import com.mcpist.pair.control.HostedRollout;
import com.mcpist.pair.control.HostingReply;
import com.mcpist.pair.control.Reply;
import com.mcpist.pair.control.Request;
import com.mcpist.pair.data.DataFolder;
import com.mcpist.pair.data.PairException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What is told where a supervisor does not answer as it should; what it does is tested beside it.
 */
class LocalPlatformTest {
  private final List<Request> asked = new ArrayList<>();
  private final Deque<Optional<Reply>> replies = new ArrayDeque<>();

  private static Deadline deadline() {
    return Deadline.in(Duration.ofMinutes(1), Time.system());
  }

  private LocalPlatform platform(Path data) {
    return new LocalPlatform(
        "one",
        new Supervision() {
          @Override
          public Path data() {
            return data;
          }

          @Override
          public @Nullable Reply ask(Request request, Duration limit) throws PairException {
            asked.add(request);
            Optional<Reply> reply = replies.pollFirst();
            if (limit.isZero()) {
              throw new PairException("no time");
            }
            return reply == null ? null : reply.orElse(null);
          }
        });
  }

  @Test
  void withoutAPairItSaysHowToStartOne(@TempDir Path data) {
    assertThatExceptionOfType(PlatformException.class)
        .isThrownBy(() -> platform(data).current(deadline()))
        .withMessageContaining("local: look at one: no pair runs in " + data)
        .withMessageContaining("mcpist up")
        .matches(e -> e.kind() == Kind.NOT_FOUND);
  }

  @Test
  void anAnswerThatIsLostIsAskedForAgainWhereThatDoesNoHarm(@TempDir Path data) throws Exception {
    try (DataFolder folder = DataFolder.open(data)) {
      replies.add(Optional.empty());
      replies.add(Optional.of(Reply.of(HostingReply.secretNames(List.of("B", "A")))));
      assertThat(platform(folder.path()).secretNames(deadline())).containsExactly("A", "B");
      assertThat(asked).hasSize(2);
      asked.clear();

      assertThatExceptionOfType(PlatformException.class)
          .isThrownBy(() -> platform(folder.path()).restart(deadline()))
          .matches(e -> e.kind() == Kind.UNKNOWN_OUTCOME);
      assertThat(asked).hasSize(1);
      assertThatExceptionOfType(PlatformException.class)
          .isThrownBy(() -> platform(folder.path()).current(deadline()))
          .matches(e -> e.kind() == Kind.UNAVAILABLE);
    }
  }

  @Test
  void whatIsRefusedIsToldWithWhatToDo(@TempDir Path data) {
    replies.add(
        Optional.of(
            Reply.refused("one is busy", new HostingReply.Refusal("CONFLICT", "Wait for it"))));
    assertThatExceptionOfType(PlatformException.class)
        .isThrownBy(() -> platform(data).restart(deadline()))
        .withMessage("local: restart one: one is busy. Wait for it.")
        .matches(e -> e.kind() == Kind.CONFLICT);
    replies.add(Optional.of(Reply.wrongUsage("unknown command redeploy")));
    assertThatExceptionOfType(PlatformException.class)
        .isThrownBy(() -> platform(data).restart(deadline()))
        .withMessageContaining("unknown command redeploy")
        .withMessageContaining("start it anew");
  }

  @Test
  void withoutTimeNothingIsWaitedFor(@TempDir Path data) {
    Deadline passed = Deadline.in(Duration.ZERO, Time.system());
    assertThatExceptionOfType(PlatformException.class)
        .isThrownBy(() -> platform(data).current(passed))
        .matches(e -> e.kind() == Kind.DEADLINE);
  }

  @Test
  void secretsArePassedAndNotPrinted(@TempDir Path data) throws Exception {
    replies.add(Optional.of(Reply.of(HostingReply.secretChanges(Map.of("A", "CREATED")))));
    var changes = platform(data).putSecrets(Map.of("A", Secret.of("hunter2")), deadline());
    assertThat(changes).hasToString("{A=CREATED}");
    assertThat(asked.getFirst().secrets()).containsEntry("A", "hunter2");
    assertThat(asked.getFirst().toString()).doesNotContain("hunter2");
  }

  @Test
  void logsAreAFile(@TempDir Path data) throws Exception {
    replies.add(Optional.of(Reply.of(HostingReply.of(new HostedRollout("id", true)))));
    assertThat(platform(data).restart(deadline()).unchanged()).isTrue();
    assertThat(platform(data).logs()).isEqualTo(data.resolve("logs/one.log").toString());
  }
}
