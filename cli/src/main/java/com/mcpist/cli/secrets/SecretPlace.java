package com.mcpist.cli.secrets;

import module java.base;

import com.mcpist.cli.site.Place;
import com.mcpist.cli.site.SiteCommand;
import com.mcpist.deploy.ProductionSite.ProductionSecrets;
import com.mcpist.deploy.admin.AdminPath.Access;
import com.mcpist.deploy.release.Site.Target;
import com.mcpist.deploy.secrets.SecretAges;
import com.mcpist.deploy.secrets.SecretQuery;
import com.mcpist.deploy.secrets.SecretSite;
import com.mcpist.deploy.secrets.SecretSite.Program;
import com.mcpist.deploy.secrets.Source;
import com.mcpist.deploy.secrets.Source.SourceWriter;
import com.mcpist.deploy.time.Deadline;
import com.mcpist.deploy.time.Time;
import com.mcpist.pair.LocalPair;
import com.mcpist.pair.PairSecrets;
import com.mcpist.pair.control.PairStatus.PairAccess;

/** Only are those that no program has; just a rotation opens the writer, which needs more. */
record SecretPlace(
    Place place,
    SecretSite site,
    Source source,
    Set<String> only,
    Callable<SourceWriter> writer,
    Callable<SecretAges> ages) {
  /** Longer than an edge takes from choosing the header of an attempt to sending it. */
  private static final Duration SETTLING = Duration.ofSeconds(2);

  private static final Duration LOOK = Duration.ofSeconds(10);
  private static final Set<String> OWN = Set.of(Source.GATEWAY_SECRET, Source.ADMIN_TOKEN);

  /** Calls that a Worker has begun with an earlier secret may take so long to settle. */
  static SecretPlace open(SiteCommand where, Duration settling) throws Exception {
    if (where.isLocal()) {
      return onThisMachine(where);
    }
    ProductionSecrets production = new ProductionSecrets(where.production(), settling);
    return new SecretPlace(
        Place.open(where, Place.NOBODY),
        production.site(where.edge()),
        production.source(),
        production.ofWorkflows(),
        production::writer,
        () -> production.ages(Deadline.in(LOOK, Time.system())));
  }

  Set<String> names() {
    Set<String> names = new TreeSet<>(only);
    names.addAll(site.names());
    return names;
  }

  /** The pair that runs, with the secrets that it makes itself. */
  private static SecretPlace onThisMachine(SiteCommand where) throws Exception {
    Place place = Place.open(where, Place.NOBODY);
    LocalPair pair = where.pair();
    PairAccess access = where.pairAccess();
    Access shown = new Access(access.gatewaySecret(), access.adminToken());
    Time time = place.site().time();
    List<Program> programs = new ArrayList<>();
    programs.add(edge(pair, access, time));
    for (Target target : place.site().targets().reversed()) {
      programs.add(origin(target, time));
    }
    SecretSite site =
        new SecretSite(place.site(), place.edge(), programs, shown, (_, _, _) -> false);
    return new SecretPlace(
        place,
        site,
        source(access),
        Set.of(),
        () -> new PairSecrets(pair),
        () -> SecretAges.UNKNOWN);
  }

  private static Program edge(LocalPair pair, PairAccess access, Time time) {
    return new Program(
        "edge",
        new PairSecrets.OfEdge(pair),
        new SecretQuery(
            access.edgeAdmin(), SecretQuery.AT_EDGE, Optional.of(access.edgeAdminToken()), time),
        Set.of(Source.GATEWAY_SECRET),
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
    values.put(Source.GATEWAY_SECRET, access.gatewaySecret().reveal());
    values.put(Source.ADMIN_TOKEN, access.adminToken().reveal());
    access
        .nextGatewaySecret()
        .ifPresent(next -> values.put(Source.next(Source.GATEWAY_SECRET), next.reveal()));
    access
        .nextAdminToken()
        .ifPresent(next -> values.put(Source.next(Source.ADMIN_TOKEN), next.reveal()));
    return new Source(values);
  }
}
