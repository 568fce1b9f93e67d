package com.mcpist.cli.site;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class WhoTest {
  @Test
  void aPersonIsKnownByNameAndMachine() {
    assertThat(SiteCommand.caller(Map.of())).startsWith(System.getProperty("user.name") + " on ");
  }

  @Test
  void aWorkflowIsKnownByItsRun() {
    assertThat(
            SiteCommand.caller(
                Map.of(
                    "GITHUB_REPOSITORY", "me/notes",
                    "GITHUB_RUN_ID", "7",
                    "GITHUB_ACTOR", "alice")))
        .isEqualTo("alice by a workflow (me/notes, run 7)");
  }
}
