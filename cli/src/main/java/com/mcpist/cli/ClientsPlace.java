package com.mcpist.cli;

import com.mcpist.deploy.admin.Clients;
import com.mcpist.deploy.config.Admission;
import com.mcpist.deploy.time.Deadline;
import com.mcpist.deploy.time.Time;
import com.mcpist.deploy.verify.Entrance;
import java.time.Duration;
import java.util.Optional;

/**
 * Where a command looks after who may call.
 *
 * @param clients what the origins know of them
 * @param door where they connect
 */
record ClientsPlace(Clients clients, ClientDoor door) {
  private static final Duration LIMIT = Duration.ofSeconds(15);

  /** Opens the place that a command is about. */
  static ClientsPlace open(SiteOptions where) throws Exception {
    Place place = Place.open(where, Place.NOBODY).place();
    Clients clients =
        new Clients(
            place
                .site()
                .admin()
                .orElseThrow(
                    () ->
                        Failure.usage(
                            "ADMIN_TOKEN is not set: the origins keep the keys and plans. Set it to"
                                + " the one that they have.")));
    Optional<Entrance> entrance = place.site().edge();
    return new ClientsPlace(
        clients,
        new ClientDoor(
            entrance.map(edge -> edge.client().url()),
            entrance
                .map(Entrance::admission)
                .orElse(Admission.of(place.deployment().authInProduction()))));
  }

  static Deadline deadline() {
    return Deadline.in(LIMIT, Time.system());
  }
}
