package com.mcpist.cli;

import com.mcpist.deploy.config.Admission;
import com.mcpist.deploy.config.ConfigException;
import com.mcpist.deploy.config.Deployment;
import com.mcpist.deploy.edgeclient.EdgeConfig;
import java.net.URI;
import java.util.Optional;

/**
 * Where clients connect.
 *
 * @param edge empty where there is no such place yet
 * @param admission what they are let in for there
 */
record ClientDoor(Optional<URI> edge, Admission admission) {
  /** That of a deployment on platforms, as mcpist.yml has it: nobody is asked. */
  static ClientDoor described(SiteOptions where) throws ConfigException, Failure {
    Deployment deployment = where.deployment();
    return new ClientDoor(
        where.edge().or(() -> deployment.domain().map(domain -> URI.create("https://" + domain))),
        Admission.of(deployment.authInProduction()));
  }

  /** As clients are told it. */
  String address() {
    return edge.map(URI::toString).orElse("https://YOUR-DOMAIN") + EdgeConfig.MCP;
  }

  /**
   * What to tell who lets in a key of that user.
   *
   * @return a line each, or an empty text
   */
  String notes(String user) {
    String notes = "";
    if (!admission.keys()) {
      notes =
          admission.open()
              ? "Note: nobody is asked for a key here, as auth of mcpist.yml has it.\n"
              : "Note: no key lets anybody in here, as auth of mcpist.yml has it.\n";
    }
    // No token can have the operator's name.
    if (admission.tokens() && !user.equals(NewKeyOptions.OPERATOR)) {
      notes +=
          "Note: whoever the issuer of auth calls "
              + user
              + " is this same user: take a name that it gives to nobody else.\n";
    }
    return notes;
  }
}
