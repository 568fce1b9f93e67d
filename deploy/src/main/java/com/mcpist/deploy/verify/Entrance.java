package com.mcpist.deploy.verify;

import module java.base;

import com.mcpist.deploy.config.Auth.Admission;
import com.mcpist.deploy.secret.ApiKey;
import com.mcpist.deploy.time.Deadline;
import com.mcpist.deploy.verify.OriginClient.Health;
import com.mcpist.deploy.verify.OriginClient.Refusal;
import com.mcpist.deploy.verify.Verifier.Finding;
import com.mcpist.deploy.verify.Verifier.Finding.Check;

/** The edge, where clients connect. Of one that asks who calls only its refusals can be seen. */
public record Entrance(OriginClient client, Admission admission) {
  static final String NAME = "edge";

  private static final String CHALLENGE = "401 and a challenge";
  private static final String LET_IN =
      "It lets strangers in: bring its configuration out with the auth of mcpist.yml, or write"
          + " auth: none there";
  private static final String SOMETHING_ELSE =
      "What answers by this name is no edge of MCPist's: look at the name's DNS record";
  private static final String LOOK_AT_EDGE =
      "Look at the edge: `mcpist status` tells what it sees of the origins, and `mcpist doctor`"
          + " what is before it";

  List<Finding> look(Deadline deadline) throws InterruptedException {
    return Verifier.reached(ask(deadline));
  }

  private List<Finding> ask(Deadline deadline) throws InterruptedException {
    List<Finding> findings = new ArrayList<>();
    Health health = client.health(Optional.empty(), deadline);
    String look = advice(health);
    Finding well = new Finding(Check.EDGE, NAME, health.ok(), "200, ok", health.told(), look);
    findings.add(well.silentIf(!health.answered()));
    if (admission.open()) {
      findings.add(
          Verifier.tools(Check.EDGE_TOOLS, NAME, client.tools(Optional.empty(), deadline), look));
      return findings;
    }
    findings.add(refused(Check.EDGE_CLOSED, client.refusal(Optional.empty(), deadline), look));
    if (admission.keys()) {
      findings.add(refused(Check.EDGE_KEYS, unknownKey(deadline), look));
    }
    if (admission.tokens()) {
      List<String> issuers = client.tokenIssuers(deadline);
      Finding metadata =
          new Finding(
              Check.EDGE_METADATA,
              NAME,
              !issuers.isEmpty(),
              "the issuer",
              issuers.isEmpty() ? "none" : String.join(", ", issuers),
              "Clients that have no token do not find out where to get one: bring the edge's"
                  + " configuration out with the auth of mcpist.yml");
      findings.add(metadata.silentIf(issuers.isEmpty() && !health.answered()));
    }
    return findings;
  }

  /** What lies between a client and the edge, as far as the answer tells; without a full stop. */
  public static String advice(Health health) {
    if (health.reason().isEmpty()) {
      return LOOK_AT_EDGE;
    }
    return switch (health.reason().get()) {
      case NO_ADDRESS ->
          "The name is not in DNS here: make its record, by `terraform apply` for a Worker's"
              + " domain. A resolver that was asked too early may go on saying so for half an hour";
      case NO_CERTIFICATE ->
          "A new name's certificate may take 15 minutes. Look under SSL/TLS, Edge Certificates in"
              + " the zone's dashboard whether it is being issued, or at the certificate of what is"
              + " before the edge";
      case UNREADABLE -> SOMETHING_ELSE;
      case STATUS -> advice(health.status());
      case UNREACHABLE, CUT, SILENT, DEADLINE -> LOOK_AT_EDGE;
    };
  }

  private static String advice(int status) {
    // An edge of MCPist's does not answer 403 to this; from 520 to 530 they are Cloudflare's own.
    if (status == 403) {
      return "A rule before the edge refuses programs: bot rules, the security level, or the"
          + " firewall of the zone. `mcpist doctor` tells which of the zone's settings do";
    }
    if (status >= 520 && status <= 530) {
      return "Cloudflare finds nothing behind the name: the Worker's domain is not there, or the"
          + " record is another one. `terraform apply` makes the domain";
    }
    return status == 404 ? SOMETHING_ELSE : LOOK_AT_EDGE;
  }

  public URI url() {
    return client.url();
  }

  /** A name and a certificate can be missing although all that is MCPist's is well. */
  public boolean isNamed() {
    return "https".equals(client.url().getScheme());
  }

  private static Finding refused(Check check, Refusal seen, String look) {
    Finding finding =
        new Finding(
            check,
            NAME,
            seen.isChallenge(),
            CHALLENGE,
            seen.told(),
            seen.status() / 100 == 2 ? LET_IN : look);
    return finding.silentIf(seen.status() == 0);
  }

  /** Made here, and thrown away: only the origins can tell that it is none. */
  private Refusal unknownKey(Deadline deadline) throws InterruptedException {
    return client.refusal(Optional.of(ApiKey.create().secret()), deadline);
  }

  /** Empty where a call would get through to an origin, as far as can be seen from here. */
  public Optional<String> blocked(Deadline deadline) throws InterruptedException {
    if (admission.open()) {
      return problem(client.tools(Optional.empty(), deadline).problem());
    }
    if (admission.keys()) {
      Refusal refusal = unknownKey(deadline);
      return refusal.isChallenge() ? Optional.empty() : problem(refusal.told());
    }
    Health health = client.health(Optional.empty(), deadline);
    return health.ok() ? Optional.empty() : problem(health.told());
  }

  private static Optional<String> problem(String text) {
    return text.isEmpty() ? Optional.empty() : Optional.of(NAME + ": " + text);
  }
}
