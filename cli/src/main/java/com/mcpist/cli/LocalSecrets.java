package com.mcpist.cli;

import com.mcpist.deploy.admin.Access;
import com.mcpist.deploy.release.Target;
import com.mcpist.deploy.secrets.SecretNames;
import com.mcpist.deploy.secrets.SecretQuery;
import com.mcpist.deploy.secrets.SecretSite;
import com.mcpist.deploy.secrets.SecretSite.Program;
import com.mcpist.deploy.secrets.Source;
import com.mcpist.deploy.time.Deadline;
import com.mcpist.deploy.time.Time;
import com.mcpist.pair.LocalPair;
import com.mcpist.pair.control.PairAccess;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** The pair on this machine, as its secrets are looked after: those that it makes itself. */
final class LocalSecrets {
  /** Longer than an edge takes from choosing the header of an attempt to sending it. */
  private static final Duration SETTLING = Duration.ofSeconds(2);

  private static final Duration LOOK = Duration.ofSeconds(10);
  private static final Set<String> OWN =
      Set.of(SecretNames.GATEWAY_SECRET, SecretNames.ADMIN_TOKEN);

  private LocalSecrets() {}

  /** The pair that runs. */
  static SecretPlace open(SiteOptions where) throws Exception {
    Place place = LocalPlace.open(where).place();
    LocalPair pair = where.pair();
    PairAccess access = pair.access().orElseThrow(() -> DataOption.nothingRuns(pair));
    Access shown = new Access(access.gatewaySecret(), access.adminToken());
    Time time = place.site().time();
    List<Program> programs = new ArrayList<>();
    programs.add(edge(pair, access, time));
    for (Target target : place.site().targets().reversed()) {
      programs.add(origin(target, time));
    }
    SecretSite site =
        new SecretSite(place.site(), place.edge(), programs, shown, (_, _, _) -> false);
    return new SecretPlace(place, site, source(access), Set.of(), pair::vault);
  }

  private static Program edge(LocalPair pair, PairAccess access, Time time) {
    return new Program(
        "edge",
        pair.edgeStore(),
        new SecretQuery(
            access.edgeAdmin(), SecretQuery.AT_EDGE, Optional.of(access.edgeAdminToken()), time),
        Set.of(SecretNames.GATEWAY_SECRET),
        Set.of(),
        Optional.empty(),
        () -> time.sleep(SETTLING));
  }

  private static Program origin(Target target, Time time) throws Exception {
    Set<String> others =
        new TreeSet<>(target.platform().orElseThrow().secretNames(Deadline.in(LOOK, time)));
    others.removeAll(OWN); // The supervisor gives them, as the database's address.
    return new Program(
        target.name(),
        target.platform().orElseThrow(),
        new SecretQuery(target.client().url(), SecretQuery.AT_ORIGIN, time),
        OWN,
        others,
        Optional.of(target),
        () -> {});
  }

  private static Source source(PairAccess access) {
    Map<String, String> values = new HashMap<>();
    values.put(SecretNames.GATEWAY_SECRET, access.gatewaySecret().reveal());
    values.put(SecretNames.ADMIN_TOKEN, access.adminToken().reveal());
    access
        .nextGatewaySecret()
        .ifPresent(next -> values.put(Source.next(SecretNames.GATEWAY_SECRET), next.reveal()));
    access
        .nextAdminToken()
        .ifPresent(next -> values.put(Source.next(SecretNames.ADMIN_TOKEN), next.reveal()));
    return new Source(values);
  }
}
