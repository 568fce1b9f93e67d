package com.mcpist.cli;

import com.mcpist.deploy.admin.Access;
import com.mcpist.deploy.admin.AdminPath;
import com.mcpist.deploy.edgeclient.EdgeAdmin;
import com.mcpist.deploy.image.ImageReference;
import com.mcpist.deploy.originclient.OriginClient;
import com.mcpist.deploy.release.Site;
import com.mcpist.deploy.release.Target;
import com.mcpist.deploy.secret.Secret;
import com.mcpist.deploy.time.Time;
import com.mcpist.deploy.verify.Entrance;
import com.mcpist.pair.LocalPair;
import com.mcpist.pair.LocalPlatform;
import com.mcpist.pair.control.PairAccess;
import com.mcpist.pair.control.PairStatus;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The pair on this machine, as something that is deployed to. */
final class LocalPlace {
  private LocalPlace() {}

  /** The pair that runs. */
  static Place.Opened open(SiteOptions where) throws Exception {
    if (where.edge().isPresent()) {
      throw Failure.usage(
          "--edge is for a deployment on platforms: the pair has an edge of its own.");
    }
    LocalPair pair = where.pair();
    Optional<PairAccess> access = pair.access();
    Optional<PairStatus> status = pair.status();
    if (access.isEmpty() || status.isEmpty()) {
      throw DataOption.nothingRuns(pair);
    }
    Time time = Time.system();
    Place place =
        new Place(
            where.deployment(),
            site(where.deployment().service(), pair, access.get(), status.get(), time),
            Optional.of(
                new EdgeAdmin(access.get().edgeAdmin(), access.get().edgeAdminToken(), time)),
            System.getenv());
    return new Place.Opened(place, named -> choose(pair, named));
  }

  private static Site site(
      String service, LocalPair pair, PairAccess access, PairStatus status, Time time) {
    List<Secret> hidden = List.of(access.gatewaySecret(), access.adminToken());
    List<Target> targets =
        status.origins().stream()
            .map(
                origin ->
                    new Target(
                        origin.name(),
                        false,
                        Optional.of(pair.platform(origin.name())),
                        new OriginClient(URI.create(origin.url()), hidden, time),
                        Optional.empty(),
                        Map.of()))
            .toList();
    List<URI> urls = targets.stream().map(target -> target.client().url()).toList();
    return new Site(
        service,
        targets,
        Optional.of(
            new Entrance(new OriginClient(access.edge(), hidden, time), access.admission())),
        access.gatewaySecret(),
        Optional.of(
            new AdminPath(
                urls, List.of(new Access(access.gatewaySecret(), access.adminToken())), time)),
        time);
  }

  /** This build, or another one: stored, so that it can come back when the build is gone. */
  private static Images.Chosen choose(LocalPair pair, Optional<String> named) throws Exception {
    Path origin = named.isPresent() ? folder(named.get()) : App.folder().resolve("origin");
    String digest = pair.releases().store(origin).digest();
    return new Images.Chosen(
        LocalPlatform.image(digest),
        named.isPresent() ? ImageReference.brief(digest) : Release.name());
  }

  /** An assembled program, or the origin in it. */
  private static Path folder(String text) throws Failure {
    try {
      Path given = Path.of(text).toAbsolutePath().normalize();
      Path inside = given.resolve("origin");
      Path folder = Files.isDirectory(inside) ? inside : given;
      if (Files.isDirectory(folder)) {
        return folder;
      }
    } catch (InvalidPathException _) {
      // Said below.
    }
    throw Failure.usage(
        "--image: on this machine it is the folder of an assembled program, and there is no folder "
            + text
            + ".");
  }
}
