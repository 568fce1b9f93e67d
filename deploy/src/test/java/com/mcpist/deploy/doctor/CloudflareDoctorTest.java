package com.mcpist.deploy.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.deploy.CloudflareSite;
import com.mcpist.deploy.Platforms;
import com.mcpist.deploy.config.DeploymentFile;
import com.mcpist.deploy.doctor.Doctor.Diagnosis;
import com.mcpist.deploy.doctor.Doctor.Diagnosis.Grade;
import com.mcpist.deploy.platform.cloudflare.CloudflareAccess;
import com.mcpist.deploy.platform.cloudflare.WorkerRelease;
import com.mcpist.deploy.time.TestTime;
import com.mcpist.testkit.vendor.CloudflareServer;
import com.mcpist.testkit.vendor.Fault;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CloudflareDoctorTest {
  private static final String BALANCED = "load_balancer";
  private static final String STRAIGHT = "worker";
  private static final String ZONE = "Cloudflare, zone settings";
  private static final String ENCRYPTION = "load balancer, SSL/TLS mode";

  private final TestTime time = TestTime.create();
  private final CloudflareServer cloudflare =
      new CloudflareServer(
          "notes", "example.com", "lb.example.com", List.of("koyeb-primary", "flyio-standby"));

  @AfterEach
  void close() throws Exception {
    assertThat(cloudflare.violations()).isEmpty();
    cloudflare.close();
  }

  private Map<String, String> environment() {
    return Map.of(
        CloudflareAccess.TOKEN,
        "c",
        "CLOUDFLARE_API_URL",
        cloudflare.url().toString(),
        CloudflareAccess.ZONE,
        CloudflareServer.ZONE);
  }

  private CloudflareSite site(
      String failover, String balancer, String origins, Map<String, String> environment)
      throws Exception {
    var deployment =
        DeploymentFile.parse(
            "mcpist.yml",
            """
            domain: mcp.example.com
            origins: [%s]
            edge: {failover: %s}
            cloudflare:
              account: %s
              worker: notes
              load_balancer: %s
            secrets: {GATEWAY_SECRET: [worker]}
            """
                .formatted(origins, failover, CloudflareServer.ACCOUNT, balancer));
    return CloudflareSite.of(deployment, new Platforms(environment, "bob", time)).orElseThrow();
  }

  private CloudflareSite site(String failover) throws Exception {
    return site(
        failover, "lb.example.com", "{name: koyeb-primary}, {name: flyio-standby}", environment());
  }

  private List<Diagnosis> examine(CloudflareSite site) throws Exception {
    List<Diagnosis> found = new ArrayList<>();
    new CloudflareDoctor(site, time).examine(found);
    return found;
  }

  private Diagnosis about(String subject, CloudflareSite site) throws Exception {
    return examine(site).stream()
        .filter(one -> one.subject().equals(subject))
        .findFirst()
        .orElseThrow();
  }

  /** What serves is made from that mcpist.yml. */
  private void deployed(CloudflareSite site) throws Exception {
    WorkerRelease.Bundle bundle =
        new WorkerRelease.Bundle("export default {}", "2026-04-01", List.of(), Optional.empty());
    site.worker()
        .deploy(site.release(bundle, "one"), time.minutes(5))
        .awaitDeployed(step -> {}, time.minutes(5));
  }

  @Test
  void whatIsThereIsLookedAtInTheOrderInWhichItIsNeeded() throws Exception {
    assertThat(examine(site(BALANCED)))
        .extracting(one -> one.grade() + " " + one.subject() + ": " + one.seen())
        .satisfiesExactly(
            one -> assertThat(one).isEqualTo("GOOD Cloudflare, token: is active"),
            one -> assertThat(one).isEqualTo("GOOD Cloudflare, zone: example.com"),
            one ->
                assertThat(one)
                    .isEqualTo(
                        "GOOD Cloudflare, zone settings: nothing refuses clients that are"
                            + " programs"),
            one -> assertThat(one).isEqualTo("GOOD Cloudflare, KV namespace: notes-state"),
            one -> assertThat(one).isEqualTo("BAD Worker: no version serves all traffic"),
            one -> assertThat(one).startsWith("BAD Worker, secrets: cloudflare: list secrets"),
            one ->
                assertThat(one)
                    .isEqualTo("GOOD load balancer: koyeb-primary healthy, flyio-standby healthy"),
            one -> assertThat(one).isEqualTo("GOOD load balancer, pools: one for each origin"),
            one ->
                assertThat(one)
                    .isEqualTo(
                        "GOOD load balancer, SSL/TLS mode: strict: the origins' certificates are"
                            + " verified"));
    cloudflare.withoutNamespace();
    assertThat(examine(site(BALANCED)))
        .filteredOn(one -> one.grade() == Grade.BAD)
        .extracting(Diagnosis::advice)
        .contains("Make it with Terraform: terraform/README.md");
  }

  @Test
  void withoutATokenNothingElseCanBeAsked() throws Exception {
    assertThat(examine(site(BALANCED, "lb.example.com", "{name: one}", Map.of())))
        .singleElement()
        .satisfies(one -> assertThat(one.seen()).contains("CLOUDFLARE_API_TOKEN: is not set"));
  }

  @Test
  void aWorkerThatSendsWhereMcpistYmlSaysIsGood() throws Exception {
    deployed(site(BALANCED));
    assertThat(about("Worker, failover", site(BALANCED)).seen())
        .isEqualTo("it sends calls to the load balancer lb.example.com, as mcpist.yml says");
    deployed(site(STRAIGHT));
    assertThat(about("Worker, failover", site(STRAIGHT)))
        .isEqualTo(
            Diagnosis.good(
                "Worker, failover", "it sends calls straight to the origins, as mcpist.yml says"));
  }

  @Test
  void aLoadBalancerThatTheWorkerStillUsesMustNotGoFirst() throws Exception {
    deployed(site(BALANCED));

    assertThat(about("Worker, failover", site(STRAIGHT)))
        .isEqualTo(
            Diagnosis.bad(
                "Worker, failover",
                "it sends calls to the load balancer lb.example.com, and mcpist.yml says straight"
                    + " to the origins",
                "First mcpist deploy --worker, and only then terraform apply, which takes"
                    + " lb.example.com away"));
    cloudflare.withoutLoadBalancer();
    assertThat(about("Worker, failover", site(STRAIGHT)))
        .isEqualTo(
            Diagnosis.bad(
                "Worker, failover",
                "it sends calls to the load balancer lb.example.com, which is not there",
                "Bring out what mcpist.yml says: mcpist deploy --worker"));
  }

  @Test
  void aLoadBalancerThatTheWorkerIsToUseMustBeThereFirst() throws Exception {
    deployed(site(STRAIGHT));

    assertThat(about("Worker, failover", site(BALANCED)).advice())
        .isEqualTo(
            "First terraform apply, which makes lb.example.com, and then mcpist deploy --worker");
    deployed(site(BALANCED));
    CloudflareSite renamed =
        site(BALANCED, "lb2.example.com", "{name: koyeb-primary}", environment());
    assertThat(about("Worker, failover", renamed).advice())
        .startsWith("Terraform would rename what the Worker sends to");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          origin_pull | GOOD | certificates are verified
          full        | BAD  | no certificate is verified
          flexible    | BAD  | goes to the origins unencrypted
          off         | BAD  | goes to the origins unencrypted
          """)
  void howCallsGoOnFromTheLoadBalancerIsTheZonesSetting(String mode, Grade grade, String seen)
      throws Exception {
    cloudflare.setting("ssl", mode);

    Diagnosis found = about(ENCRYPTION, site(BALANCED));

    assertThat(found.grade()).isEqualTo(grade);
    assertThat(found.seen()).startsWith(mode + ": ").contains(seen);
    assertThat(found.advice().contains("Full (strict)")).isEqualTo(grade == Grade.BAD);
    assertThat(examine(site(STRAIGHT)))
        .as("the Worker asks origins of other zones by their own names")
        .extracting(Diagnosis::subject)
        .doesNotContain(ENCRYPTION);
  }

  @Test
  void aModeThatNobodyKnowsIsBad() throws Exception {
    cloudflare.fail("GET .*/settings/ssl", Fault.status(200, "{\"result\":{\"value\":\"loose\"}}"));

    Diagnosis found = about(ENCRYPTION, site(BALANCED));

    assertThat(found.grade()).isEqualTo(Grade.BAD);
    assertThat(found.seen()).startsWith("loose: not known to verify");
  }

  @ParameterizedTest
  @ValueSource(ints = {401, 403})
  void aModeThatTheTokenMayNotReadIsNotKnown(int status) throws Exception {
    cloudflare.fail("GET .*/settings/ssl", Fault.status(status, "{}"));

    assertThat(about(ENCRYPTION, site(BALANCED)))
        .isEqualTo(
            Diagnosis.weak(
                ENCRYPTION,
                "is not known: the token may not read it",
                "Look under SSL/TLS in the zone's dashboard that it is Full (strict), or give the"
                    + " token Zone Settings: Read"));
  }

  private List<String> aboutTheZone() throws Exception {
    return examine(site(STRAIGHT)).stream()
        .filter(one -> one.subject().equals(ZONE))
        .map(one -> one.grade() + " " + one.seen())
        .toList();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          sbfm_definitely_automated | managed_challenge | Super Bot Fight Mode refuses programs: definitely automated managed_challenge
          sbfm_likely_automated     | block             | Super Bot Fight Mode refuses programs: likely automated block
          sbfm_verified_bots        | block             | Super Bot Fight Mode refuses programs: verified bots block
          ai_bots_protection        | block             | AI bots are blocked, and assistants
          """)
  void aRuleAgainstProgramsIsBad(String key, String action, String seen) throws Exception {
    cloudflare.botRule("sbfm_definitely_automated", "allow");
    cloudflare.botRule(key, action);

    assertThat(aboutTheZone()).singleElement().asString().startsWith("BAD " + seen);
  }

  @Test
  void botFightModeAndTheSecurityLevelAreBadAndTheBrowserCheckIsWeak() throws Exception {
    cloudflare.fightMode(true);
    cloudflare.setting("security_level", "under_attack");
    cloudflare.setting("browser_check", "on");

    assertThat(aboutTheZone())
        .satisfiesExactly(
            one -> assertThat(one).isEqualTo("BAD Bot Fight Mode is on: it challenges programs"),
            one -> assertThat(one).startsWith("BAD \"I'm Under Attack\" is on"),
            one -> assertThat(one).startsWith("WEAK Browser Integrity Check is on"));
  }

  @Test
  void whatRefusesNobodyIsGood() throws Exception {
    cloudflare.botRule("ai_bots_protection", "only_on_ad_pages");
    cloudflare.botRule("sbfm_verified_bots", "allow");
    cloudflare.setting("security_level", "high");

    assertThat(aboutTheZone()).containsExactly("GOOD nothing refuses clients that are programs");
  }

  @Test
  void whatTheTokenMayNotReadOfTheZoneIsOneLineAndNoFailure() throws Exception {
    cloudflare.fail("GET .*/bot_management", Fault.status(403, "{}"));
    cloudflare.fail("GET .*/settings/browser_check", Fault.status(401, "{}"));

    assertThat(aboutTheZone())
        .containsExactly(
            "WEAK bot rules, Browser Integrity Check: not known, the token may not read them");
  }

  @Test
  void poolsThatAreMissingOrTooManyAreTold() throws Exception {
    String origins = "{name: koyeb-main}, {name: flyio-standby}";
    CloudflareSite renamed = site(BALANCED, "lb.example.com", origins, environment());
    String pools = "load balancer, pools";

    assertThat(about(pools, renamed).seen()).isEqualTo("there is none for koyeb-main");
    cloudflare.newPool("mcpist-koyeb-main", "koyeb-main");
    assertThat(about(pools, renamed).advice())
        .isEqualTo("Give it to it: mcpist undrain koyeb-main");
    cloudflare.joined("koyeb-main");
    assertThat(about(pools, renamed))
        .isEqualTo(
            Diagnosis.bad(
                pools,
                "mcpist-koyeb-primary gets calls, and mcpist.yml has no such origin",
                "Take it out: mcpist undrain koyeb-main"));
    renamed.balancer().orElseThrow().undrain("koyeb-main", time.minutes(5));
    cloudflare.newPool("somebody-elses", "elsewhere");
    cloudflare.joined("elsewhere");
    assertThat(about(pools, renamed).grade()).isEqualTo(Grade.WEAK);
  }
}
