package com.mcpist.deploy.secrets;

import com.mcpist.deploy.admin.AdminPath;
import com.mcpist.deploy.admin.AdminPath.Access;
import com.mcpist.deploy.config.Auth.Admission;
import com.mcpist.deploy.release.Site;
import com.mcpist.deploy.release.Site.Target;
import com.mcpist.deploy.release.StandInBooks;
import com.mcpist.deploy.release.Watcher;
import com.mcpist.deploy.secret.Secret;
import com.mcpist.deploy.secrets.SecretSite.ChangeOptions;
import com.mcpist.deploy.secrets.SecretSite.Program;
import com.mcpist.deploy.secrets.Source.SourceWriter;
import com.mcpist.deploy.time.Deadline;
import com.mcpist.deploy.time.TestTime;
import com.mcpist.deploy.verify.Entrance;
import com.mcpist.deploy.verify.OriginClient;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;

/** Two origins and a Worker, with a source that is a map. */
final class SecretStage implements AutoCloseable {
  static final String GATEWAY = "the-gateway-secret-that-nobody-may-see";
  static final String ADMIN = "the-admin-token-that-nobody-may-see!!";
  static final String DATABASE = "postgres://notes:hunter2hunter2@db.example.com/notes";
  static final String PRIMARY = "koyeb-primary";
  static final String STANDBY = "flyio-standby";
  static final String WORKER = "worker";

  final TestTime time = TestTime.create();
  final StandInBooks books = new StandInBooks(time.clock());
  final Map<String, String> source =
      new HashMap<>(
          Map.of("GATEWAY_SECRET", GATEWAY, "ADMIN_TOKEN", ADMIN, "DATABASE_URL", DATABASE));
  final StandInProgram primary = new StandInProgram(PRIMARY, books, source);
  final StandInProgram standby = new StandInProgram(STANDBY, books, source);
  final StandInEdge worker =
      new StandInEdge(
          Map.of("GATEWAY_SECRET", GATEWAY, "ADMIN_TOKEN", ADMIN), List.of(primary, standby));
  final List<String> told = new CopyOnWriteArrayList<>();

  /** What mcpist.yml sets of both origins. */
  final Map<String, String> settings = new HashMap<>();

  /** What happens as a step begins. */
  Runnable onStep = () -> {};

  /** The source's own value. */
  String value(String name) {
    return source.getOrDefault(name, "");
  }

  SecretSite site() {
    Access access = new Access(Secret.of(value("GATEWAY_SECRET")), Secret.of(value("ADMIN_TOKEN")));
    List<Target> targets = List.of(target(primary), target(standby));
    Site site =
        new Site(
            "notes",
            targets,
            Optional.of(
                new Entrance(new OriginClient(worker.url(), List.of(), time), Admission.OPEN)),
            access.gateway(),
            Optional.of(
                new AdminPath(List.of(primary.url(), standby.url()), List.of(access), time)),
            time);
    return new SecretSite(
        site,
        Optional.empty(),
        List.of(
            new Program(
                WORKER,
                worker,
                new SecretQuery(worker.url(), "/secrets", time),
                Set.of("GATEWAY_SECRET", "ADMIN_TOKEN"),
                Set.of(),
                Optional.empty(),
                () -> told.add("settled")),
            program(standby, targets.get(1)),
            program(primary, targets.get(0))),
        access,
        (_, _, _) -> false);
  }

  private Target target(StandInProgram program) {
    return new Target(
        program.origin(),
        false,
        Optional.of(program),
        new OriginClient(program.url(), List.of(), time),
        Optional.empty(),
        settings);
  }

  private Program program(StandInProgram program, Target target) {
    return new Program(
        program.origin(),
        program,
        new SecretQuery(program.url(), SecretQuery.AT_ORIGIN, time),
        Set.of("GATEWAY_SECRET", "ADMIN_TOKEN", "DATABASE_URL"),
        Set.of(),
        Optional.of(target),
        () -> {});
  }

  ChangeOptions order(boolean force) {
    return new ChangeOptions("bob", force, true, Duration.ofMinutes(2), Duration.ofSeconds(5));
  }

  Source environment() {
    return new Source(Map.copyOf(source));
  }

  /** Writes the map. */
  private SourceWriter writer() {
    return new SourceWriter() {
      @Override
      public String told() {
        return "GitHub";
      }

      @Override
      public void storeNext(String name, Secret value, Deadline deadline) {
        source.put(Source.next(name), value.reveal());
      }

      @Override
      public void promote(String name, Secret value, Deadline deadline) {
        source.put(name, value.reveal());
      }

      @Override
      public void forgetNext(String name, Deadline deadline) {
        source.remove(Source.next(name));
      }
    };
  }

  Rotation rotation(String name) {
    return new Rotation(site(), environment(), writer(), order(false), watcher(), name);
  }

  Watcher watcher() {
    return new Watcher() {
      @Override
      public void step(String text) {
        told.add(text);
        onStep.run();
      }

      @Override
      public void origin(String origin, String text) {
        told.add(origin + ": " + text);
        onStep.run();
      }

      @Override
      public void failed(String problem) {
        told.add("failed: " + problem);
      }

      @Override
      public void note(String text) {
        told.add(text);
      }
    };
  }

  /** Nobody watches. */
  static final class Silent implements Watcher {
    @Override
    public void step(String text) {}

    @Override
    public void origin(String origin, String text) {}

    @Override
    public void failed(String problem) {}

    @Override
    public void note(String text) {}
  }

  @Override
  public void close() throws IOException {
    primary.close();
    standby.close();
    worker.close();
  }
}
