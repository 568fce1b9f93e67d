package com.mcpist.cli.release;

import com.mcpist.cli.Screen;
import com.mcpist.deploy.admin.AdminPath.Event;
import com.mcpist.deploy.admin.AdminPath.ReleaseRecord;
import com.mcpist.deploy.admin.AdminPath.ReleaseRecord.Action;
import com.mcpist.deploy.admin.AdminPath.ReleaseRecord.State;
import com.mcpist.deploy.edgeclient.EdgeControl.EdgeStatus.Calls;
import com.mcpist.deploy.release.Outcome;
import com.mcpist.deploy.release.Verification;
import com.mcpist.deploy.verify.Verifier.Finding;
import com.mcpist.deploy.verify.Verifier.Finding.Check;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** What `deploy`, `verify` and `history` show. */
public final class ReleaseScreens {
  private static final Instant NOW = Instant.parse("2026-11-28T12:00:00Z");
  private static final String DIGEST = "sha256:" + "2c26b46b68ff".repeat(5) + "0000";

  private static final String BEFORE = "sha256:" + "fcde2b2edba5".repeat(5) + "0000";

  private ReleaseScreens() {}

  public static List<Screen> all() {
    return List.of(
        Screen.of("deploy", OutcomeReport.text(outcome(), Screen.TERMINAL)),
        Screen.of("verify", VerifyCommand.text(verification(), Screen.TERMINAL)),
        Screen.of("history", HistoryCommand.table(releases())),
        Screen.of("history --events", HistoryCommand.eventTable(events())));
  }

  private static Finding good(Check check, String of, String expected, String seen) {
    return new Finding(check, of, true, expected, seen, "");
  }

  private static List<Finding> findings() {
    return List.of(
        good(Check.HEALTH, "koyeb-primary", "200, ok", "200, 1.4 (2c26b46b68ff)"),
        good(Check.WRONG_SECRET, "koyeb-primary", "403", "403"),
        good(
            Check.TOOLS,
            "flyio-standby",
            "the tools of koyeb-primary",
            "memory_save, memory_search, memory_get, memory_list, memory_update"),
        good(Check.EDGE_TOOLS, "edge", "a list of tools", "13 tools"));
  }

  private static Outcome outcome() {
    return new Outcome(
        new Outcome.Result.Good(),
        new Outcome.Version("1.4", DIGEST, "1.4 (2c26b46b68ff)"),
        Optional.empty(),
        true,
        List.of(
            new Outcome.Part("flyio-standby", "deployed", BEFORE, "", 12.34),
            new Outcome.Part("koyeb-primary", "deployed", BEFORE, "", 9.1)),
        findings(),
        Optional.of(new Calls(120, 0, 3)),
        List.of());
  }

  private static Verification.Result verification() {
    Finding open =
        new Finding(
            Check.WRONG_SECRET,
            "koyeb-primary",
            false,
            "403",
            "200 {\"jsonrpc\":\"2.0\",\"id\":1,\"result\":…",
            "It lets strangers in: check that GATEWAY_SECRET is set there, and deploy again");
    return new Verification.Result(
        List.of(findings().getFirst(), open),
        Optional.of(DIGEST),
        Optional.of("1.4"),
        false,
        List.of());
  }

  private static List<ReleaseRecord> releases() {
    return List.of(
        release(Action.DEPLOY, "1.4", State.SUCCEEDED, "", 1),
        release(
            Action.DEPLOY,
            "a6eeb9e0-20261128T093000Z",
            State.RETURNED,
            "flyio-standby, tools/list: HTTP 500; every origin has its earlier release again",
            2));
  }

  private static ReleaseRecord release(
      Action action, String name, State state, String detail, int hours) {
    Optional<Instant> at = Optional.of(NOW.minusSeconds(3600L * hours));
    return new ReleaseRecord(
        new UUID(1, hours),
        action,
        "ghcr.io/me/notes",
        DIGEST,
        name,
        "simultaneous",
        "me on laptop",
        state,
        detail,
        List.of(),
        at,
        at);
  }

  private static List<Event> events() {
    return List.of(
        event(
            "failover",
            "flyio-standby served 7 s, 3 calls replayed, longest wait 1.2 s, 0 failed",
            2),
        event("death", "koyeb-primary died (killed, signal 9)", 2),
        event("deployment", "release 1.4 (2c26b46b68ff) by me on laptop: succeeded", 60));
  }

  private static Event event(String kind, String message, int minutes) {
    Instant at = NOW.minusSeconds(60L * minutes);
    return new Event(
        new UUID(1, minutes),
        kind,
        Optional.of("koyeb-primary"),
        message,
        Optional.of(at),
        Optional.of(at.plusMillis(7000)),
        false,
        Map.of());
  }
}
