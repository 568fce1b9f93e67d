package com.mcpist.cli.pair;

import module java.base;

import com.mcpist.cli.console.Failure;
import com.mcpist.cli.console.Output;
import com.mcpist.cli.console.Progress;
import com.mcpist.cli.site.SiteCommand.App;
import com.mcpist.cli.site.SiteCommand.PairCommand;
import com.mcpist.deploy.time.Deadline;
import com.mcpist.deploy.time.Time;
import com.mcpist.pair.backup.Backup;
import com.mcpist.pair.backup.Backup.Done;
import com.mcpist.pair.backup.Backup.Observer;
import com.mcpist.pair.backup.Restore;
import com.mcpist.pair.control.ControlSocket.Answer;
import com.mcpist.pair.control.PairStatus.PairAccess.OwnDatabase;
import com.mcpist.pair.data.PairException;
import com.mcpist.pair.database.DatabaseUrl;
import com.mcpist.pair.process.JvmProgram;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Parameters;

/** Takes all data out of a database into a file, and puts it into an empty one. */
public final class DataCommands {
  private DataCommands() {}

  /** What is done with a database and a file. */
  abstract static class DataCommand extends PairCommand {
    @Parameters(paramLabel = "FILE", description = "The backup's file.")
    private Path file = Path.of("");

    abstract Done run(DatabaseUrl database, Path path, Observer observer) throws Exception;

    abstract String told(Path path, Done done);

    @Override
    public Integer call() throws Exception {
      DatabaseUrl database = database();
      try (Progress progress = Output.progress(false)) {
        Done done = run(database, file, progress);
        progress.line(told(file, done));
      }
      return ExitCode.OK;
    }

    /** As `up` chooses it: that of the environment, by its owner, or else the pair's own. */
    private DatabaseUrl database() throws Failure, PairException, InterruptedException {
      Optional<String> given = given();
      if (given.isPresent()) {
        return DatabaseUrl.parse(given.get());
      }
      return switch (pair().database()) {
        case Answer.Done<OwnDatabase>(OwnDatabase own) -> new DatabaseUrl(own.url().reveal());
        case Answer.Refused<OwnDatabase> refused ->
            throw Failure.failed(refused.told() + ": set DATABASE_URL here, too.");
        case Answer.Unknown<OwnDatabase>(String why) ->
            throw Failure.failed(why + " Or set DATABASE_URL.");
      };
    }
  }

  private static Optional<String> given() {
    return Stream.of("MIGRATION_DATABASE_URL", "DATABASE_URL")
        .map(name -> System.getenv().getOrDefault(name, ""))
        .filter(url -> !url.isEmpty())
        .findFirst();
  }

  @Command(
      name = "backup",
      description = {
        "Writes all data into one file, while clients call.",
        "",
        "The file has memories, calls, keys, plans, releases and the tables of modules, as"
            + " of one moment. It replaces a file of that name once it is complete. Only its owner"
            + " may read it, because it has what users saved.",
        "",
        "The database is that of the pair on this machine, or DATABASE_URL if set."
            + " MIGRATION_DATABASE_URL, if set, is its address for its owner."
      },
      footer = {
        "  mcpist backup mcpist-2026-11-28.zip",
        "  DATABASE_URL=postgres://user:password@host:5432/memories \\",
        "      mcpist backup production.zip"
      })
  public static final class BackupCommand extends DataCommand {
    @Override
    Done run(DatabaseUrl database, Path path, Observer observer) throws PairException {
      return Backup.write(database, path, observer);
    }

    @Override
    String told(Path path, Done done) {
      return path + ": " + done.told();
    }
  }

  @Command(
      name = "restore",
      description = {
        "Puts a backup into an empty database.",
        "",
        "The database is that of a new pair on this machine, which may run, or DATABASE_URL"
            + " if set; there, an origin first makes the tables if they are missing."
            + " MIGRATION_DATABASE_URL, if set, is its address for its owner.",
        "",
        "The file is checked first. All of it is restored, or nothing. After an"
            + " interruption, run it again."
      },
      footer = {
        "  # Into a new pair:",
        "  mcpist up --detach --data new",
        "  mcpist restore mcpist-2026-11-28.zip --data new",
        "  # Into another database:",
        "  DATABASE_URL=postgres://user:password@host:5432/memories \\",
        "      mcpist restore production.zip"
      })
  public static final class RestoreCommand extends DataCommand {
    private static final Duration LIMIT = Duration.ofMinutes(1);
    private static final Duration POLL = Duration.ofMillis(200);

    @Override
    Done run(DatabaseUrl database, Path path, Observer observer) throws Exception {
      try (Restore backup = Restore.open(path, observer)) {
        if (given().isPresent() && !Restore.hasTables(database)) {
          observer.step("Making the tables");
          makeTables(database);
        }
        return backup.into(database, observer);
      }
    }

    /** By an origin that nobody calls, and that ends with this process at the latest. */
    private static void makeTables(DatabaseUrl database) throws Exception {
      Path program = App.folder().resolve("origin");
      ProcessBuilder builder =
          new ProcessBuilder(JvmProgram.command(program, "com.mcpist.origin.Main", List.of()))
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD);
      builder.environment().clear();
      builder
          .environment()
          .putAll(
              Map.of(
                  "ENVIRONMENT", "development",
                  "DATABASE_URL", database.full(),
                  "PORT", "0",
                  "MCPIST_SUPERVISED", "true"));
      Process origin = builder.start();
      try {
        Deadline deadline = Deadline.in(LIMIT, Time.system());
        while (!Restore.hasTables(database)) {
          if (!origin.isAlive() || deadline.passed()) {
            throw Failure.failed(
                "no origin can make the tables there: `mcpist origin` with this DATABASE_URL and"
                    + " ENVIRONMENT=development tells why.");
          }
          deadline.sleep(POLL);
        }
      } finally {
        origin.destroy();
        origin.waitFor();
      }
    }

    @Override
    String told(Path path, Done done) {
      return "Restored from " + path + ": " + done.told();
    }
  }
}
