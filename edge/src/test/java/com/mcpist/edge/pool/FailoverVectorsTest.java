package com.mcpist.edge.pool;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.edge.pool.FailoverRules.Change;
import com.mcpist.edge.pool.FailoverRules.Transition;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Runs the vectors of contract/failover, which any edge must pass. */
class FailoverVectorsTest {
  private static final Path VECTORS =
      Path.of(System.getProperty("mcpist.root"), "contract", "failover");

  static Stream<Path> vectors() throws IOException {
    try (Stream<Path> files = Files.list(VECTORS)) {
      return files.filter(f -> f.toString().endsWith(".json")).sorted().toList().stream();
    }
  }

  @Test
  void thereAreVectors() throws IOException {
    assertThat(vectors()).hasSizeGreaterThan(15);
  }

  @ParameterizedTest
  @MethodSource("vectors")
  void passes(Path file) {
    JsonNode vector = JsonMapper.shared().readTree(file.toFile());
    PoolState state = start(vector);
    int number = 0;
    for (JsonNode step : vector.get("steps")) {
      Transition transition = apply(state, step);
      state = transition.state();
      check("step " + ++number + " " + step, transition, step.path("expect"));
    }
  }

  private static PoolState start(JsonNode vector) {
    List<String> names = strings(vector.get("origins"));
    PoolState state =
        PoolState.starting(names, settings(vector.path("settings")), Instant.ofEpochMilli(0));
    if (!vector.path("start").asString("starting").equals("healthy")) {
      return state;
    }
    for (String name : names) {
      for (int i = 0; i < state.settings().consecutiveUp(); i++) {
        state = FailoverRules.apply(state, new Observation.ProbeUp(name), state.at()).state();
      }
    }
    return state;
  }

  private static PoolSettings settings(JsonNode json) {
    PoolSettings d = PoolSettings.DEFAULTS;
    return new PoolSettings(
        json.path("consecutiveDown").asInt(d.consecutiveDown()),
        json.path("consecutiveUp").asInt(d.consecutiveUp()),
        millis(json, "intervalMillis", d.interval()),
        millis(json, "probeDelayMillis", d.probeDelay()),
        millis(json, "probeDelayMaxMillis", d.probeDelayMax()),
        millis(json, "holdDownMillis", d.holdDown()),
        millis(json, "holdDownMaxMillis", d.holdDownMax()),
        millis(json, "failureWindowMillis", d.failureWindow()));
  }

  private static Duration millis(JsonNode json, String field, Duration absent) {
    return Duration.ofMillis(json.path(field).asLong(absent.toMillis()));
  }

  private static Transition apply(PoolState state, JsonNode step) {
    if (!step.has("observation")) {
      return new Transition(state, List.of());
    }
    Instant at = Instant.ofEpochMilli(step.get("at").asLong());
    return FailoverRules.apply(state, observation(step), at);
  }

  private static Observation observation(JsonNode step) {
    String origin = step.get("origin").asString();
    String kind = step.get("observation").asString();
    return switch (kind) {
      case "probeUp" -> new Observation.ProbeUp(origin);
      case "probeDown" -> new Observation.ProbeDown(origin, "code 503");
      case "attemptSucceeded" -> new Observation.AttemptSucceeded(origin);
      case "attemptFailed" -> new Observation.AttemptFailed(origin, "refused");
      case "heartbeatSilent" -> new Observation.HeartbeatSilent(origin, "no tick");
      case "heartbeatResumed" -> new Observation.HeartbeatResumed(origin);
      case "heartbeatEnded" -> new Observation.HeartbeatEnded(origin);
      case "replaced" -> new Observation.Replaced(origin);
      case "draining" -> new Observation.Draining(origin);
      case "drain" -> new Observation.Drain(origin);
      case "undrain" -> new Observation.Undrain(origin);
      default -> throw new IllegalArgumentException("Unknown observation " + kind);
    };
  }

  private static void check(String step, Transition transition, JsonNode expect) {
    PoolState state = transition.state();
    expect
        .properties()
        .forEach(
            field -> {
              JsonNode wanted = field.getValue();
              switch (field.getKey()) {
                case "states" -> states(step, state, wanted);
                case "active" ->
                    assertThat(state.active()).as(step).isEqualTo(wanted.stringValue(null));
                case "choices" -> choices(step, state, wanted);
                case "inOrder" -> assertThat(state.inOrder()).as(step).isEqualTo(strings(wanted));
                case "nextProbes" -> nextProbes(step, state, wanted);
                case "givenUp" ->
                    assertThat(givenUp(transition)).as(step).isEqualTo(strings(wanted));
                default -> throw new IllegalArgumentException("Unknown field in " + step);
              }
            });
  }

  private static void states(String step, PoolState state, JsonNode wanted) {
    wanted
        .properties()
        .forEach(
            s ->
                assertThat(state.origin(s.getKey()).status().label())
                    .as(step)
                    .isEqualTo(s.getValue().asString()));
  }

  private static void choices(String step, PoolState state, JsonNode wanted) {
    for (JsonNode choice : wanted) {
      assertThat(state.choose(Set.copyOf(strings(choice.get("tried")))).orElse(null))
          .as(step)
          .isEqualTo(choice.get("origin").stringValue(null));
    }
  }

  private static void nextProbes(String step, PoolState state, JsonNode wanted) {
    wanted
        .properties()
        .forEach(
            p ->
                assertThat(state.origin(p.getKey()).nextProbe().toEpochMilli())
                    .as(step)
                    .isEqualTo(p.getValue().asLong()));
  }

  private static List<String> givenUp(Transition transition) {
    return transition.changes().stream()
        .filter(Change.GivenUp.class::isInstance)
        .map(c -> ((Change.GivenUp) c).origin())
        .collect(Collectors.toList());
  }

  private static List<String> strings(JsonNode array) {
    return IntStream.range(0, array.size()).mapToObj(i -> array.get(i).asString()).toList();
  }
}
