package com.mcpist.cli.clients;

import module java.base;

import com.mcpist.cli.clients.memories.MemorySource;
import com.mcpist.cli.console.Failure;
import com.mcpist.cli.console.Output;
import com.mcpist.cli.console.Progress;
import com.mcpist.cli.site.SiteCommand;
import com.mcpist.deploy.admin.AdminPath.AdminException;
import com.mcpist.deploy.admin.Clients;
import com.mcpist.deploy.admin.Clients.Added;
import com.mcpist.deploy.time.Deadline;
import com.mcpist.deploy.time.Time;
import com.mcpist.pair.data.WholeFile;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** One user's memories, out and in. */
final class UserMemories {
  /** Longer than a database takes to fail over, for each request. */
  private static final Duration LIMIT = Duration.ofMinutes(1);

  private UserMemories() {}

  private static Deadline deadline() {
    return Deadline.in(LIMIT, Time.system());
  }

  @Command(
      name = "export",
      description = {
        "Writes a user's memories as JSON Lines, the newest first.",
        "",
        "A line is {\"id\", \"title\", \"tags\", \"createdAt\", \"updatedAt\", \"text\"}."
            + " `mcpist users import` reads them."
      },
      footer = {"  mcpist users export alice alice.jsonl", "  mcpist users export alice | wc -l"})
  static final class Export extends SiteCommand {
    @Parameters(index = "0", paramLabel = "USER", description = "The user.")
    private String user = "";

    @Parameters(
        index = "1",
        arity = "0..1",
        paramLabel = "FILE",
        description = "The file to write or replace (default: standard output).")
    private @Nullable Path file;

    @Override
    public Integer call() throws Exception {
      Names.checkUser("USER", user);
      Clients clients = ClientsPlace.open(this).clients();
      Path target = file;
      if (target == null) {
        write(clients, System.out, _ -> {});
        System.out.flush();
        return ExitCode.OK;
      }
      try (Progress progress = Output.progress(false)) {
        progress.step("Exporting the memories of " + user);
        long count =
            WholeFile.<Long, InterruptedException>write(
                target, out -> write(clients, out, progress::detail));
        progress.line(target + ": " + count + " memories.");
      }
      return ExitCode.OK;
    }

    private long write(Clients clients, OutputStream out, Consumer<String> detail)
        throws IOException, InterruptedException {
      long count = 0;
      List<JsonNode> page = clients.memories(user, "", deadline());
      while (!page.isEmpty()) {
        for (JsonNode memory : page) {
          out.write((memory + "\n").getBytes(StandardCharsets.UTF_8));
        }
        count += page.size();
        detail.accept(count + " memories");
        page = clients.memories(user, page.getLast().path("id").asString(""), deadline());
      }
      return count;
    }
  }

  @Command(
      name = "import",
      description = {
        "Adds memories to those of a user.",
        "",
        "It reads what `mcpist users export` wrote, the file of the official memory server"
            + " (JSON Lines), or a folder of Markdown files, of which each becomes a memory."
            + " Symbolic links in the folder are passed over."
            + " Memories that are there stay as they are, so after an interruption run it again."
            + " The user's plan limits how much there may be."
      },
      footer = {
        "  mcpist users import alice alice.jsonl",
        "  mcpist users import alice ~/.config/memory/memory.jsonl",
        "  mcpist users import alice ~/notes"
      })
  static final class Import extends SiteCommand {
    private static final int MOST = 50;
    private static final int MOST_BYTES = 200 * 1024;

    @Parameters(index = "0", paramLabel = "USER", description = "The user who gets them.")
    private String user = "";

    @Parameters(
        index = "1",
        paramLabel = "FILE|FOLDER",
        description = "The file or folder to read.")
    private Path path = Path.of("");

    @Override
    public Integer call() throws Exception {
      Names.checkUser("USER", user);
      try (Progress progress = Output.progress(false)) {
        MemorySource source = MemorySource.of(path);
        Clients clients = ClientsPlace.open(this).clients();
        progress.step("Importing " + path);
        Batch batch = new Batch(user, clients, progress::detail);
        source.read(batch::take);
        batch.send();
        progress.line(batch.told());
      } catch (IOException e) {
        throw Failure.failed("cannot read " + path + ": " + e.getMessage());
      }
      return ExitCode.OK;
    }

    /** As many at once as fit into a request. */
    private static final class Batch {
      private static final Pattern PLACE = Pattern.compile("memories\\[([0-9]+)]\\.?");

      private final String user;
      private final Clients clients;
      private final Consumer<String> detail;
      private final List<String> places = new ArrayList<>();
      private final List<ObjectNode> memories = new ArrayList<>();
      private int bytes;
      private long added;
      private long known;

      Batch(String user, Clients clients, Consumer<String> detail) {
        this.user = user;
        this.clients = clients;
        this.detail = detail;
      }

      void take(String place, ObjectNode memory) throws Failure, InterruptedException {
        int size = memory.toString().getBytes(StandardCharsets.UTF_8).length;
        if (memories.size() == MOST || bytes + size > MOST_BYTES) {
          send();
        }
        places.add(place);
        memories.add(memory);
        bytes += size;
      }

      void send() throws Failure, InterruptedException {
        if (memories.isEmpty()) {
          return;
        }
        try {
          Added done = clients.add(user, memories, deadline());
          added += done.added();
          known += done.known();
        } catch (AdminException e) {
          throw Failure.failed(
              Failure.sentence(placed(String.valueOf(e.getMessage())))
                  + " Before that: "
                  + told()
                  + " The same command goes on.");
        }
        detail.accept(told());
        places.clear();
        memories.clear();
        bytes = 0;
      }

      /** With the place that a memory is from, instead of its number. */
      private String placed(String problem) {
        return PLACE
            .matcher(problem)
            .replaceAll(
                found ->
                    Matcher.quoteReplacement(places.get(Integer.parseInt(found.group(1))) + ": "));
      }

      String told() {
        return "%d memories added, %d were there.".formatted(added, known);
      }
    }
  }
}
