package com.mcpist.cli;

import com.mcpist.deploy.admin.Clients;
import com.mcpist.deploy.admin.Clients.KeyRecord;
import com.mcpist.deploy.keys.ApiKey;
import java.time.Instant;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Ends a key. */
@Command(
    name = "revoke",
    description = {
      "Ends an API key: within 5 seconds no origin lets anybody in for it. A second time does no"
          + " harm, and nothing brings it back.",
      "",
      "A key that was found and whose name is not known is read with --stdin. Only its digest"
          + " leaves this machine, and the command says which name and user the key had. Exit code"
          + " 1 where it is nobody's."
    },
    footer = {
      "",
      "Examples:",
      "  mcpist keys revoke laptop",
      "  mcpist keys revoke --stdin               at a terminal: asks for it and does not show it",
      "  mcpist keys revoke --stdin <found.txt"
    })
final class KeysRevokeCommand implements Callable<Integer> {
  @Mixin private SiteOptions where = new SiteOptions();

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
    String named = key;
    if (named != null) {
      KeyNames.notAKey(named);
    }
    if ((named == null) != stdin) {
      throw Failure.usage("give either NAME_OR_ID, or --stdin and the key on standard input");
    }
    System.out.println(named == null ? revokeFound() : revoke(named));
    return ExitCode.OK;
  }

  private String revoke(String named) throws Exception {
    if (named.isBlank()) {
      throw Failure.usage("NAME_OR_ID must not be empty");
    }
    return ended(ClientsPlace.open(where).clients().revoke(named, ClientsPlace.deadline()));
  }

  /** Looked up first, since whoever follows a leak has to know whether it could still be used. */
  private String revokeFound() throws Exception {
    Clients clients = ClientsPlace.open(where).clients();
    ApiKey found = KeyInput.read();
    KeyRecord known =
        clients
            .find(found, ClientsPlace.deadline())
            .orElseThrow(
                () ->
                    Failure.failed(
                        "nobody has this key: the origins of this deployment know none with its"
                            + " digest, so it opens nothing here. It may be another deployment's"));
    if (known.revoked().isPresent()) {
      return "The key %s of %s lets nobody in: it %s already, %s."
          .formatted(
              known.name(),
              known.user(),
              known.expired(Instant.now()) ? "had expired" : "was revoked",
              Moments.text(known.expired(Instant.now()) ? known.expires() : known.revoked()));
    }
    return ended(clients.revoke(known.id(), ClientsPlace.deadline()));
  }

  private static String ended(KeyRecord key) {
    return "The key " + key.name() + " of " + key.user() + " lets nobody in any more.";
  }
}
