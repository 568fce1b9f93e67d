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
      "Makes, registers, lists and revokes API keys for clients.",
      "",
      "A key is made on this machine and shown once. The origins keep only its digest, so"
          + " that nobody can show it again."
    },
    subcommands = {
      KeysCommand.Create.class,
      KeysCommand.Register.class,
      KeysCommand.ListKeys.class,
      KeysCommand.Revoke.class
    },
    footer = {
      "  # A key for your own laptop:",
      "  mcpist keys create laptop",
      "  # A key of another user, for 90 days:",
      "  mcpist keys create ci --user build --expires 90d",
      "  mcpist keys list",
      "  # End a key, within 5 seconds:",
      "  mcpist keys revoke laptop"
    })
public final class KeysCommand extends CommandGroup {
  @Command(
      name = "create",
      description = {
        "Makes an API key and prints it, once.",
        "",
        "Standard output has the key and nothing else, for a program. Standard error says"
            + " what to do with it. Whoever has the key acts as its user: sees that user's"
            + " memories, and counts toward that user's limits.",
        "",
        "The origins must know the key's digest, which is no secret. If GATEWAY_SECRET and"
            + " ADMIN_TOKEN are set, this command tells them. If neither is, or with --dispatch,"
            + " it prints the command by which a workflow tells them."
      },
      footer = {
        "  mcpist keys create laptop",
        "  mcpist keys create ci --user build --expires 90d",
        "  # A workflow registers it:",
        "  mcpist keys create phone --dispatch",
        "  # For a program:",
        "  KEY=$(mcpist keys create laptop)"
      })
  static final class Create extends SiteCommand {
    @Mixin private NewKey.Options options = new NewKey.Options();

    @Option(
        names = "--dispatch",
        description =
            "Only make the key, and print the `gh workflow run` that registers it. This"
                + " needs no secret and no network.")
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
      String shown = Terminal.console() == null ? NewKey.ELSEWHERE : made.secret().reveal();
      String text;
      if (dispatch || knowsNoSecret()) {
        text = key.unregistered(made.digest(), ClientsPlace.Door.described(this), shown);
      } else {
        ClientsPlace place = ClientsPlace.open(this);
        var _ = place.add(made.digest(), key);
        text = key.registered(place.door(), shown);
      }
      Output.print(made.secret().reveal() + System.lineSeparator());
      System.err.print(hinted(text));
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
      description = {
        "Registers a key that was made on another machine, by its digest.",
        "",
        "The key itself stays where `mcpist keys create --dispatch` made it. A second time"
            + " does no harm."
      },
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
          "The key %s of the user %s is registered; it %s.%n"
              .formatted(kept.name(), kept.user(), NewKey.end(kept.expires())));
      System.err.print(place.door().notes(key.user()));
      return ExitCode.OK;
    }

    /** What is wrong may be a secret: it is not repeated. */
    static void check(String digest) throws Failure {
      if (ApiKey.isSuspected(digest)) {
        throw Failure.usage(
            "--digest is given a key itself, or most of one, which must not be in a command: do not"
                + " use that key, and make another one. `mcpist keys create NAME --dispatch`"
                + " prints the digest beside the key");
      }
      if (!ApiKey.isDigest(digest)) {
        throw Failure.usage(
            "--digest must be the 64 digits, 0-9 and a-f, that `mcpist keys create NAME --dispatch`"
                + " prints; what is given has "
                + (digest.length() == 64 ? "other characters" : digest.length() + " characters"));
      }
    }
  }

  @Command(
      name = "list",
      description = {
        "Lists the API keys: those that work first, then the newest.",
        "",
        "It never shows a key. FINGERPRINT is the start of the key's digest: an edge calls"
            + " the holder of a key key:FINGERPRINT.",
        "",
        "--json prints an array of {\"id\", \"name\", \"user\", \"created\", \"expires\","
            + " \"revoked\", \"fingerprint\"}; created, expires and revoked are times, ISO 8601,"
            + " or null. A key that has expired counts as revoked at that time once another key"
            + " has its name.",
        "",
        "If there are more than --limit, standard error says how many."
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
      Output.print(json ? Output.json(keys.keys()) : hinted(text(keys.keys(), Instant.now())));
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

    static String text(List<KeyRecord> keys, Instant now) {
      return keys.isEmpty()
          ? "There are no keys. `mcpist keys create NAME` makes one.\n"
          : new TextTable<>(keys)
              .column("NAME", KeyRecord::name)
              .column("USER", KeyRecord::user)
              .column("STATE", key -> state(key, now))
              .column("CREATED", key -> TextTable.day(key.created()))
              .column(
                  "EXPIRES",
                  key -> key.expires().isEmpty() ? "never" : TextTable.day(key.expires()))
              .column("FINGERPRINT", KeyRecord::fingerprint)
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
        "Ends an API key: within 5 seconds no origin accepts it.",
        "",
        "It cannot be undone. A second time does no harm.",
        "",
        "--stdin is for a key that was found and whose name is unknown. Only its digest"
            + " leaves this machine, and the command says which name and user the key had. Exit"
            + " code 1: no origin knows it."
      },
      footer = {
        "  mcpist keys revoke laptop",
        "  # A key that was found; the terminal does not show it:",
        "  mcpist keys revoke --stdin",
        "  # A key that was found, from a file:",
        "  mcpist keys revoke --stdin <found.txt"
      })
  static final class Revoke extends SiteCommand {
    /** A key has 56 characters; there may be blanks around it. */
    private static final int LONGEST = 4096;

    @Parameters(
        arity = "0..1",
        paramLabel = "NAME_OR_ID",
        description = "The key's name, as `mcpist keys list` shows it, or its id.")
    private @Nullable String key;

    @Option(
        names = "--stdin",
        description =
            "Read the key itself from standard input, alone in a line, instead of NAME_OR_ID.")
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
                          "this key is unknown: the origins of this deployment have no key with its"
                              + " digest. It may be another deployment's"));
      if (known.revoked().isPresent()) {
        boolean expired = known.expired(Instant.now());
        return "The key %s of the user %s %s: %s."
            .formatted(
                known.name(),
                known.user(),
                expired ? "had expired already" : "was revoked already",
                TextTable.moment(expired ? known.expires() : known.revoked()));
      }
      return ended(clients.revoke(known.id(), ClientsPlace.deadline()));
    }

    private static String ended(KeyRecord key) {
      return "The key " + key.name() + " of the user " + key.user() + " is revoked.";
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
            "what is typed here would be shown, because the output goes elsewhere: run this at a"
                + " terminal, or read the key from a file or another command");
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
                          ? "standard input is not one whole key: characters are missing, extra or"
                              + " changed. It must be mcpist_ and the 49 characters after it, and"
                              + " nothing else"
                          : "standard input is no API key: those begin with mcpist_"));
    }
  }
}
