package com.mcpist.cli;

import com.mcpist.deploy.ProductionSite;
import com.mcpist.deploy.config.ConfigException;
import com.mcpist.deploy.keys.ApiKey;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Makes a key. */
@Command(
    name = "create",
    description = {
      "Makes an API key and prints it, once. Nothing else is on standard output, so that a program"
          + " can take it from there; what to do with it is on standard error.",
      "",
      "Whoever has the key is that user: it shows the user's memories, and counts to the user's"
          + " limits.",
      "",
      "The origins are told the key's digest. Where GATEWAY_SECRET and ADMIN_TOKEN are set, this"
          + " command tells them. Where neither is, or with --dispatch, it asks nobody, and prints"
          + " the command that has a workflow tell them. A digest is no secret."
    },
    footer = {
      "",
      "Examples:",
      "  mcpist keys create laptop",
      "  mcpist keys create ci --user build --expires 90d",
      "  mcpist keys create phone --dispatch      a workflow registers it",
      "  KEY=$(mcpist keys create laptop)"
    })
final class KeysCreateCommand implements Callable<Integer> {
  @Mixin private SiteOptions where = new SiteOptions();
  @Mixin private NewKeyOptions options = new NewKeyOptions();

  @Option(
      names = "--dispatch",
      description =
          "Only make the key, and print the `gh workflow run` that registers it. No secret and no"
              + " network is needed.")
  private boolean dispatch;

  @Override
  public Integer call() throws Exception {
    NewKey key = options.checked(Instant.now());
    if (dispatch && where.namesPair()) {
      throw Failure.usage(
          "--dispatch is for a deployment on platforms: a pair on this machine is told of the key"
              + " at once. Leave out --dispatch, or --local and --data.");
    }
    ApiKey made = ApiKey.create();
    if (dispatch || knowsNoSecret()) {
      show(
          made,
          NewKeyText.unregistered(key, made.digest(), ClientDoor.described(where), shown(made)));
      return ExitCode.OK;
    }
    ClientsPlace place = ClientsPlace.open(where);
    var _ =
        place
            .clients()
            .add(made.digest(), key.name(), key.user(), key.expires(), ClientsPlace.deadline());
    show(made, NewKeyText.registered(key, place.door(), shown(made)));
    return ExitCode.OK;
  }

  /** One of the two alone is a mistake, of which its command tells. */
  private boolean knowsNoSecret() throws ConfigException, Failure {
    return !where.isLocal()
        && List.of(ProductionSite.GATEWAY_SECRET, ProductionSite.ADMIN_TOKEN).stream()
            .allMatch(name -> System.getenv().getOrDefault(name, "").isBlank());
  }

  /** What is no terminal may be a file. */
  private static String shown(ApiKey key) {
    return Terminal.attached() ? key.secret().reveal() : "$KEY";
  }

  private static void show(ApiKey key, String text) {
    System.out.println(key.secret().reveal());
    System.out.flush();
    System.err.print(text);
  }
}
