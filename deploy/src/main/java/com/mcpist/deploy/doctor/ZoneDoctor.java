package com.mcpist.deploy.doctor;

import com.mcpist.deploy.CloudflareSite;
import com.mcpist.deploy.platform.PlatformException;
import com.mcpist.deploy.platform.cloudflare.CloudflareAccount;
import com.mcpist.deploy.platform.cloudflare.CloudflareAccount.BotRules;
import com.mcpist.deploy.time.Deadline;
import com.mcpist.deploy.time.Time;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Examines which of a zone's settings refuse clients that are programs, as MCP clients are: they
 * apply before the Worker. Rules that except the domain from them are not looked at.
 */
record ZoneDoctor(CloudflareSite site, Time time) {
  static final String SUBJECT = "Cloudflare, zone settings";
  private static final String BOTS = "bot rules";
  private static final String LEVEL = "security level";
  private static final String BROWSERS = "Browser Integrity Check";

  /**
   * What was read.
   *
   * @param bots and the others empty where the token may not read them
   * @param level the zone's security level
   * @param browserCheck on or off
   */
  record Settings(Optional<BotRules> bots, Optional<String> level, Optional<String> browserCheck) {}

  void examine(List<Diagnosis> found) throws InterruptedException {
    try {
      found.addAll(diagnoses(read()));
    } catch (PlatformException e) {
      found.add(Diagnosis.bad(SUBJECT, String.valueOf(e.getMessage()), CloudflareDoctor.SEE));
    }
  }

  private Settings read() throws PlatformException, InterruptedException {
    CloudflareAccount account = new CloudflareAccount(site.access());
    String zone = site.zone();
    return new Settings(
        account.botRules(zone, limit()),
        account.setting(zone, "security_level", limit()),
        account.setting(zone, "browser_check", limit()));
  }

  /** What refuses clients, and what is not known; one line where neither is. */
  static List<Diagnosis> diagnoses(Settings settings) {
    List<Diagnosis> found = new ArrayList<>();
    settings.bots().ifPresent(bots -> bots(bots, found));
    if (settings.level().filter("under_attack"::equals).isPresent()) {
      found.add(
          bad(
              "\"I'm Under Attack\" is on: every client gets a page that only a browser can answer",
              "Set another security level, or another one for the domain by a configuration rule"));
    }
    if (settings.browserCheck().filter("on"::equals).isPresent()) {
      found.add(
          Diagnosis.weak(
              SUBJECT,
              BROWSERS + " is on: it refuses clients whose User-Agent is unusual or absent",
              "Switch it off for the domain by a configuration rule, where clients get 403"));
    }
    String unknown = unknown(settings);
    if (!unknown.isEmpty()) {
      found.add(
          Diagnosis.weak(
              SUBJECT,
              unknown + ": not known, the token may not read them",
              "Give it Bot Management: Read and Zone Settings: Read, or look in the dashboard"));
    }
    return found.isEmpty()
        ? List.of(Diagnosis.good(SUBJECT, "nothing refuses clients that are programs"))
        : found;
  }

  private static void bots(BotRules bots, List<Diagnosis> found) {
    if (bots.fightMode()) {
      found.add(
          bad(
              "Bot Fight Mode is on: it challenges programs",
              "Switch it off under Security, Settings in the zone's dashboard: no rule excepts a"
                  + " host name from it"));
    }
    String refused =
        bots.actions().entrySet().stream()
            .filter(entry -> !entry.getValue().equals("allow"))
            .map(entry -> entry.getKey() + " " + entry.getValue())
            .sorted()
            .collect(Collectors.joining(", "));
    if (!refused.isEmpty()) {
      found.add(
          bad(
              "Super Bot Fight Mode refuses programs: " + refused,
              "Let it allow them, or let a custom rule skip it for the domain"));
    }
    if (bots.aiBots().equals("block")) {
      found.add(
          bad(
              "AI bots are blocked, and assistants that connect from their makers' machines with"
                  + " them",
              "Switch the block off, or let a custom rule skip it for the domain"));
    }
  }

  private static String unknown(Settings settings) {
    List<String> unknown = new ArrayList<>();
    if (settings.bots().isEmpty()) {
      unknown.add(BOTS);
    }
    if (settings.level().isEmpty()) {
      unknown.add(LEVEL);
    }
    if (settings.browserCheck().isEmpty()) {
      unknown.add(BROWSERS);
    }
    return String.join(", ", unknown);
  }

  private static Diagnosis bad(String seen, String advice) {
    return Diagnosis.bad(SUBJECT, seen, advice);
  }

  private Deadline limit() {
    return Deadline.in(CloudflareDoctor.LIMIT, time);
  }
}
