package com.mcpist.deploy.verify;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

class ProblemsTest {
  private static List<String> problems(String told) {
    return Problems.of(JsonMapper.shared().readTree(told));
  }

  @Test
  void anOriginTellsWhatIsWrongWithIt() {
    assertThat(
            problems(
                """
                {"status": "unhealthy", "database": "read-only", "clockSkewMillis": -7999,
                 "problems": ["it may not end its own role's sessions"]}
                """))
        .containsExactly(
            "it may not end its own role's sessions",
            "its database is read-only",
            "its clock is 7 s behind the database's");
  }

  @Test
  void anEdgeTellsItsClockAndWhichCallsItDoesNotSendAgain() {
    assertThat(
            problems(
                """
                {"clockSkewMillis": 3600000, "quarantined": [{"callId": "0190", "bytes": 384000,
                 "tool": "a\\u001b[2J", "user": "ann", "at": "2026-01-01T00:00:00Z"}]}
                """))
        .containsExactly(
            "its clock is 3600 s ahead of the database's",
            "call 0190 (tool a?[2J, user ann, 384000 bytes) is not sent again, two processes died"
                + " under it, 2026-01-01T00:00:00Z");
  }

  @Test
  void whatIsWellIsNotTold() {
    assertThat(
            problems(
                """
                {"status": "ok", "database": {"latencyMillis": 1}, "clockSkewMillis": 5000,
                 "problems": [], "quarantined": []}
                """))
        .isEmpty();
    assertThat(problems("{}")).isEmpty();
  }
}
