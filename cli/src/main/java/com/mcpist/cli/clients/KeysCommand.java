package com.mcpist.cli.clients;

import module java.base;

import com.mcpist.cli.console.CommandGroup;
import com.mcpist.cli.console.Failure;
import com.mcpist.cli.console.Output;
import com.mcpist.cli.console.Terminal;
import com.mcpist.cli.console.TextTable;
import com.mcpist.cli.site.SiteCommand;
import com.mcpist.cli.site.SiteCommand.ShowCommand;
import com.mcpist.deploy.admin.Clients;
import com.mcpist.deploy.admin.Clients.KeyList;
import com.mcpist.deploy.admin.Clients.KeyRecord;
import com.mcpist.deploy.secret.ApiKey;
import com.mcpist.deploy.secrets.Source;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "keys",
    description = {
      "Makes API keys for clients, registers and lists them, and ends them.",
      "",
      "A key is made on this machine and shown once. The origins keep its digest and nothing else,"
          + " so nobody can show it a second time."
    },
    subcommands = {
      KeysCommand.Create.class,
      KeysCommand.Register.class,
      KeysCommand.ListKeys.class,
      KeysCommand.Revoke.class
    },
    footer = {
      "  mcpist keys create laptop               a key for the operator's own laptop",
      "  mcpist keys create ci --user build --expires 90d",
      "  mcpist keys list",
      "  mcpist keys revoke laptop               it lets nobody in any more, within 5 seconds",
      "  mcpist keys revoke --stdin <found.txt   of a key that was found, name unknown"
    })
public final class KeysCommand extends CommandGroup {
  @Command(
      name = "create",
      description = {
        "Makes an API key and prints it, once. Nothing else is on standard output, so that a"
            + " program can take it from there; what to do with it is on standard error.",
        "",
        "Whoever has the key is that user: it shows the user's memories, and counts to the user's"
            + " limits.",
        "",
        "The origins are told the key's digest. Where GATEWAY_SECRET and ADMIN_TOKEN are set, this"
            + " command tells them. Where neither is, or with --dispatch, it asks nobody, and"
            + " prints the command that has a workflow tell them. A digest is no secret."
      },
      footer = {
        "  mcpist keys create laptop",
        "  mcpist keys create ci --user build --expires 90d",
        "  mcpist keys create phone --dispatch      a workflow registers it",
        "  KEY=$(mcpist keys create laptop)"
      })
  static final class Create extends SiteCommand {
    @Mixin private NewKey.Options options = new NewKey.Options();

    @Option(
        names = "--dispatch",
        description =
            "Only make the key, and print the `gh workflow run` that registers it. No secret and no"
                + " network is needed.")
    private boolean dispatch;

    @Override
    public Integer call() throws Exception {
      NewKey key = options.checked(Instant.now());
      if (dispatch && namesPair()) {
        throw Failure.usage(
            "--dispatch is for a deployment on platforms: a pair on this machine is told of the key"
                + " at once. Leave out --dispatch, or --local and --data.");
      }
      ApiKey made = ApiKey.create();
      // What is no terminal may be a file.
      String shown = Terminal.console() == null ? "$KEY" : made.secret().reveal();
      String text;
      if (dispatch || knowsNoSecret()) {
        text = key.unregistered(made.digest(), ClientsPlace.Door.described(this), shown);
      } else {
        ClientsPlace place = ClientsPlace.open(this);
        var _ = place.add(made.digest(), key);
        text = key.registered(place.door(), shown);
      }
      Output.print(made.secret().reveal() + System.lineSeparator());
      System.err.print(text);
      return ExitCode.OK;
    }

    /** One of the two alone is a mistake, of which its command tells. */
    private boolean knowsNoSecret() throws Failure {
      return !isLocal()
          && List.of(Source.GATEWAY_SECRET, Source.ADMIN_TOKEN).stream()
              .allMatch(name -> System.getenv().getOrDefault(name, "").isBlank());
    }
  }

  @Command(
      name = "register",
      description =
          "Lets in whoever has a key that `mcpist keys create --dispatch` has made on another"
              + " machine, by its digest. The key itself stays there. A second time does no harm.",
      footer = {
        "  mcpist keys register laptop --digest \"$DIGEST\"",
        "  mcpist keys register ci --user build --digest \"$DIGEST\""
      })
  static final class Register extends SiteCommand {
    @Mixin private NewKey.Options options = new NewKey.Options();

    @Option(
        names = "--digest",
        paramLabel = "DIGEST",
        required = true,
        description = "The key's digest: 64 digits, 0-9 and a-f. Never the key.")
    private String digest = "";

    @Override
    public Integer call() throws Exception {
      check(digest);
      NewKey key = options.checked(Instant.now());
      ClientsPlace place = ClientsPlace.open(this);
      KeyRecord kept = place.add(digest, key);
      Output.print(
          "The key %s of %s lets its holder in; it %s.%n"
              .formatted(kept.name(), kept.user(), NewKey.end(kept.expires())));
      System.err.print(place.door().notes(key.user()));
      return ExitCode.OK;
    }

    /** What is wrong may be a secret: it is not repeated. */
    static void check(String digest) throws Failure {
      if (ApiKey.isSuspected(digest)) {
        throw Failure.usage(
            "--digest is given a key itself, or most of one, which should stand in no command: use"
                + " that key no more, and make another one. `mcpist keys create NAME --dispatch`"
                + " prints the digest beside the key");
      }
      if (!ApiKey.isDigest(digest)) {
        throw Failure.usage(
            "--digest must be the 64 digits, 0-9 and a-f, that `mcpist keys create NAME --dispatch`"
                + " prints; what is given has "
                + (digest.length() == 64 ? "others among them" : digest.length() + " characters"));
      }
    }
  }

  @Command(
      name = "list",
      description = {
        "Shows the API keys, those that work first, then the newest, without the keys themselves.",
        "",
        "FINGERPRINT is the beginning of a key's digest: an edge calls the holder of a key by it,"
            + " behind key:, so that what it says can be matched.",
        "",
        "With --json: an array of {\"id\", \"name\", \"user\", \"created\", \"expires\","
            + " \"revoked\", \"fingerprint\"}; created, expires and revoked are moments, ISO 8601,"
            + " or null. A key that has expired is revoked as of then once another one has its"
            + " name.",
        "",
        "Where there are more than --limit shows, standard error says how many there are in all."
      },
      footer = {"  mcpist keys list", "  mcpist keys list --json | jq '.[].name'"})
  static final class ListKeys extends ShowCommand {
    @Option(
        names = "--limit",
        paramLabel = "N",
        defaultValue = "100",
        description =
            "How many at most, 1 to " + ClientsPlace.MOST + " (default: ${DEFAULT-VALUE}).")
    private int limit = 100;

    @Override
    public Integer call() throws Exception {
      Failure.unlessBetween("--limit", limit, 1, ClientsPlace.MOST);
      KeyList keys = ClientsPlace.open(this).clients().keys(limit, ClientsPlace.deadline());
      Output.print(json ? Output.json(keys.keys()) : text(keys.keys(), Instant.now()));
      if (keys.total() > keys.keys().size()) {
        System.err.println(
            "%d of %d keys are shown, those that work first; %d work in all. %s"
                .formatted(
                    keys.keys().size(),
                    keys.total(),
                    keys.working(),
                    ClientsPlace.rest(keys.total())));
      }
      return ExitCode.OK;
    }

    private static String text(List<KeyRecord> keys, Instant now) {
      return keys.isEmpty()
          ? "There is no key yet. `mcpist keys create NAME` makes one.\n"
          : new TextTable<>(keys)
              .column("NAME", KeyRecord::name)
              .column("USER", KeyRecord::user)
              .column("STATE", key -> state(key, now))
              .column("CREATED", key -> TextTable.moment(key.created()))
              .column(
                  "EXPIRES",
                  key -> key.expires().isEmpty() ? "never" : TextTable.moment(key.expires()))
              .column("FINGERPRINT", KeyRecord::fingerprint)
              .column("ID", KeyRecord::id)
              .render();
    }

    private static String state(KeyRecord key, Instant now) {
      if (key.works(now)) {
        return "works";
      }
      return key.expired(now) ? "expired" : "revoked";
    }
  }

  @Command(
      name = "revoke",
      description = {
        "Ends an API key: within 5 seconds no origin lets anybody in for it. A second time does no"
            + " harm, and nothing brings it back.",
        "",
        "A key that was found and whose name is not known is read with --stdin. Only its digest"
            + " leaves this machine, and the command says which name and user the key had. Exit"
            + " code 1 where it is nobody's."
      },
      footer = {
        "  mcpist keys revoke laptop",
        "  mcpist keys revoke --stdin               at a terminal: asks for it and does not show"
            + " it",
        "  mcpist keys revoke --stdin <found.txt"
      })
  static final class Revoke extends SiteCommand {
    /** A key has 56 characters; there may be blanks around it. */
    private static final int LONGEST = 4096;

    @Parameters(
        arity = "0..1",
        paramLabel = "NAME_OR_ID",
        description = "The key's name, or its id, as `mcpist keys list` shows them.")
    private @Nullable String key;

    @Option(
        names = "--stdin",
        description =
            "The key itself, from standard input: it alone, in one line. Instead of NAME_OR_ID.")
    private boolean stdin;

    @Override
    public Integer call() throws Exception {
      if (key != null) {
        Names.notAKey(key);
      }
      if ((key == null) != stdin) {
        throw Failure.usage("give either NAME_OR_ID, or --stdin and the key on standard input");
      }
      System.out.println(key == null ? revokeFound() : revoke(key));
      return ExitCode.OK;
    }

    private String revoke(String named) throws Exception {
      if (named.isBlank()) {
        throw Failure.usage("NAME_OR_ID must not be empty");
      }
      return ended(ClientsPlace.open(this).clients().revoke(named, ClientsPlace.deadline()));
    }

    /** Looked up first, since whoever follows a leak has to know whether it could still be used. */
    private String revokeFound() throws Exception {
      Clients clients = ClientsPlace.open(this).clients();
      ApiKey found = found();
      KeyRecord known =
          clients
              .find(found, ClientsPlace.deadline())
              .orElseThrow(
                  () ->
                      Failure.failed(
                          "nobody has this key: the origins of this deployment know none with its"
                              + " digest, so it opens nothing here. It may be another"
                              + " deployment's"));
      if (known.revoked().isPresent()) {
        boolean expired = known.expired(Instant.now());
        return "The key %s of %s lets nobody in: it %s already, %s."
            .formatted(
                known.name(),
                known.user(),
                expired ? "had expired" : "was revoked",
                TextTable.moment(expired ? known.expires() : known.revoked()));
      }
      return ended(clients.revoke(known.id(), ClientsPlace.deadline()));
    }

    private static String ended(KeyRecord key) {
      return "The key " + key.name() + " of " + key.user() + " lets nobody in any more.";
    }

    /** The key that somebody has found, not shown on its way: at a terminal it is asked for. */
    private static ApiKey found() throws Failure, IOException, InterruptedException {
      Console console = Terminal.console();
      if (console != null) {
        char[] line = console.readPassword("The key, which is not shown: ");
        if (line == null) {
          throw Failure.usage("no key was written");
        }
        String text = new String(line);
        Arrays.fill(line, ' ');
        return parse(text);
      }
      if (typed()) {
        throw Failure.usage(
            "what is typed here would be shown, since the output goes somewhere else: run this at a"
                + " terminal, or bring the key from a file or another command");
      }
      return parse(new String(System.in.readNBytes(LONGEST), StandardCharsets.ISO_8859_1));
    }

    /** Whether standard input is a terminal, which shows by itself what is typed. */
    private static boolean typed() throws IOException, InterruptedException {
      return new ProcessBuilder("sh", "-c", "test -t 0").inheritIO().start().waitFor() == 0;
    }

    /** Says what is wrong without a word of what came. */
    private static ApiKey parse(String text) throws Failure {
      String line = text.strip();
      if (line.isEmpty()) {
        throw Failure.usage("standard input is empty: it must have the key, and nothing else");
      }
      return ApiKey.parse(line)
          .orElseThrow(
              () ->
                  Failure.usage(
                      ApiKey.isSuspected(line)
                          ? "what standard input has is not one whole key: characters are missing,"
                              + " too many or others than they were, and such a key opens"
                              + " nothing. It must be mcpist_ and the 49 characters behind it,"
                              + " and nothing else"
                          : "what standard input has is no API key: those begin with mcpist_"));
    }
  }
}
