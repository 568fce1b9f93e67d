package com.mcpist.cli.clients;

import module java.base;

import com.mcpist.cli.console.Failure;
import com.mcpist.cli.site.Place;
import com.mcpist.cli.site.SiteCommand;
import com.mcpist.deploy.admin.AdminPath;
import com.mcpist.deploy.admin.Clients;
import com.mcpist.deploy.admin.Clients.KeyRecord;
import com.mcpist.deploy.config.Auth.Admission;
import com.mcpist.deploy.config.Deployment;
import com.mcpist.deploy.edgeclient.EdgeConfig;
import com.mcpist.deploy.time.Deadline;
import com.mcpist.deploy.time.Time;
import com.mcpist.deploy.verify.Entrance;

/** Where a command looks after who may call, and where those connect. */
record ClientsPlace(Clients clients, Door door) {
  static final int MOST = 100_000;

  private static final Duration LIMIT = Duration.ofSeconds(15);

  static ClientsPlace open(SiteCommand where) throws Exception {
    Place place = Place.open(where, Place.NOBODY);
    AdminPath admin =
        place.admin("the origins keep the keys and plans. Set it to the one that they have.");
    Optional<Entrance> entrance = place.site().edge();
    return new ClientsPlace(
        new Clients(admin),
        new Door(
            entrance.map(edge -> edge.client().url()),
            entrance
                .map(Entrance::admission)
                .orElse(Admission.of(place.deployment().authInProduction()))));
  }

  static Deadline deadline() {
    return Deadline.in(LIMIT, Time.system());
  }

  KeyRecord add(String digest, NewKey key) throws InterruptedException {
    return clients.add(digest, key.name(), key.user(), key.expires(), deadline());
  }

  static String rest(long total) {
    return total <= MOST
        ? "--limit " + total + " shows all."
        : "--limit " + MOST + " shows as many as can be shown.";
  }

  /** Where clients connect, if there is such a place yet, and what they are let in for there. */
  record Door(Optional<URI> edge, Admission admission) {
    /** That of a deployment on platforms, as mcpist.yml has it: nobody is asked. */
    static Door described(SiteCommand where) throws Failure {
      Deployment deployment = where.deployment();
      return new Door(
          where.edge().or(() -> deployment.domain().map(domain -> URI.create("https://" + domain))),
          Admission.of(deployment.authInProduction()));
    }

    String address() {
      return edge.map(URI::toString).orElse("https://YOUR-DOMAIN") + EdgeConfig.MCP;
    }

    /** What to tell who lets in a key of that user: a line each. */
    String notes(String user) {
      String notes = "";
      if (!admission.keys()) {
        notes =
            admission.open()
                ? "Note: this deployment asks nobody for a key, because of auth in mcpist.yml.\n"
                : "Note: this deployment accepts no keys, because of auth in mcpist.yml.\n";
      }
      // No token can have the operator's name.
      if (admission.tokens() && !user.equals(NewKey.OPERATOR)) {
        notes +=
            "Note: whoever has the name %s at the issuer of auth is the same user. Use a name that it gives to nobody else.\n"
                .formatted(user);
      }
      return notes;
    }
  }
}
