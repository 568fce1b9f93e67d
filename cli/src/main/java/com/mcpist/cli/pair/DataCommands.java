package com.mcpist.cli.pair;

import module java.base;

import com.mcpist.cli.console.Failure;
import com.mcpist.cli.console.Output;
import com.mcpist.cli.console.Progress;
import com.mcpist.cli.site.SiteCommand.PairCommand;
import com.mcpist.pair.backup.Backup;
import com.mcpist.pair.backup.Backup.Done;
import com.mcpist.pair.backup.Backup.Observer;
import com.mcpist.pair.backup.Restore;
import com.mcpist.pair.control.ControlSocket.Answer;
import com.mcpist.pair.control.PairStatus.PairAccess.OwnDatabase;
import com.mcpist.pair.data.PairException;
import com.mcpist.pair.database.DatabaseUrl;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Parameters;

/** Takes all data out of a database into a file, and puts it into an empty one. */
public final class DataCommands {
  private DataCommands() {}

  /** What is done with a database and a file. */
  abstract static class DataCommand extends PairCommand {
    @Parameters(paramLabel = "FILE", description = "The backup.")
    private Path file = Path.of("");

    abstract Done run(DatabaseUrl database, Path path, Observer observer) throws PairException;

    abstract String told(Path path, Done done);

    @Override
    public Integer call() throws Exception {
      DatabaseUrl database = database();
      try (Progress progress = Output.progress(false)) {
        Done done =
            run(
                database,
                file,
                new Observer() {
                  @Override
                  public void step(String text) {
                    progress.step(text);
                  }

                  @Override
                  public void detail(String text) {
                    progress.detail(text);
                  }
                });
        progress.line(told(file, done));
      }
      return ExitCode.OK;
    }

    /** As `up` chooses it: that of the environment, by its owner, or else the pair's own. */
    private DatabaseUrl database() throws Failure, PairException, InterruptedException {
      for (String name : List.of("MIGRATION_DATABASE_URL", "DATABASE_URL")) {
        String given = System.getenv().getOrDefault(name, "");
        if (!given.isEmpty()) {
          return DatabaseUrl.parse(given);
        }
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

  @Command(
      name = "backup",
      description = {
        "Writes all data (memories, calls, keys, plans, releases, modules' tables) into one file,"
            + " as of one moment, while clients call. A file of that name is replaced once the new"
            + " one is whole. Only its owner may read it: it has what users have saved.",
        "",
        "The database is that of the pair on this machine, or of DATABASE_URL where that is set;"
            + " MIGRATION_DATABASE_URL, if it is set, is its owner's."
      },
      footer = {
        "  mcpist backup mcpist-2026-11-28.zip",
        "  DATABASE_URL=postgres://… mcpist backup production.zip"
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
        "Puts a backup into a database without data: that of a new pair, which may run, or of"
            + " DATABASE_URL. The file is checked first. All is there, or nothing; run it again if"
            + " it was interrupted.",
        "",
        "MIGRATION_DATABASE_URL, if it is set, is the owner's address of the database."
      },
      footer = {
        "  mcpist up --detach --data new; mcpist restore mcpist-2026-11-28.zip --data new",
        "  DATABASE_URL=postgres://… mcpist restore production.zip"
      })
  public static final class RestoreCommand extends DataCommand {
    @Override
    Done run(DatabaseUrl database, Path path, Observer observer) throws PairException {
      return Restore.run(database, path, observer);
    }

    @Override
    String told(Path path, Done done) {
      return "Restored from " + path + ": " + done.told();
    }
  }
}
