package com.mcpist.cli;

import com.mcpist.deploy.admin.Clients;
import com.mcpist.deploy.config.Admission;
import com.mcpist.deploy.edge.EdgeConfig;
import com.mcpist.deploy.time.Deadline;
import com.mcpist.deploy.time.Time;
import com.mcpist.deploy.verify.Entrance;
import java.time.Duration;
import java.util.Optional;

/**
 * Where a command looks after who may call.
 *
 * @param clients what the origins know of them
 * @param entrance where they connect; empty where there is no such place yet
 */
record ClientsPlace(Clients clients, Optional<Entrance> entrance) {
  private static final Duration LIMIT = Duration.ofSeconds(15);

  /** Opens the place that a command is about. */
  static ClientsPlace open(SiteOptions where) throws Exception {
    Place place = Place.open(where, Place.NOBODY).place();
    return new ClientsPlace(
        new Clients(
            place
                .site()
                .admin()
                .orElseThrow(
                    () ->
                        Failure.usage(
                            "ADMIN_TOKEN is not set: the origins keep the keys and plans. Set it to"
                                + " the one that they have."))),
        place.site().edge());
  }

  /** What the edge lets clients in for. */
  Admission admission() {
    return entrance.map(Entrance::admission).orElse(Admission.OPEN);
  }

  /** Where clients connect, as they are told it. */
  String address() {
    return entrance
        .map(edge -> edge.client().url() + EdgeConfig.MCP)
        .orElse("https://YOUR-DOMAIN" + EdgeConfig.MCP);
  }

  static Deadline deadline() {
    return Deadline.in(LIMIT, Time.system());
  }
}
