package com.mcpist.cli;

import com.mcpist.deploy.admin.KeyRecord;
import com.mcpist.deploy.keys.ApiKey;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Makes a key. */
@Command(
    name = "create",
    description = {
      "Makes an API key and prints it, once. Nothing else is on standard output, so that a program"
          + " can take it from there; what to do with it is on standard error.",
      "",
      "Whoever has the key is that user: it shows the user's memories, and counts to the user's"
          + " limits."
    },
    footer = {
      "",
      "Examples:",
      "  mcpist keys create laptop",
      "  mcpist keys create ci --user build --expires 90d",
      "  KEY=$(mcpist keys create laptop)"
    })
final class KeysCreateCommand implements Callable<Integer> {
  static final String OPERATOR = "local";

  @Mixin private SiteOptions where = new SiteOptions();

  @Parameters(
      paramLabel = "NAME",
      description =
          "What the key is called, of 1 to 100 letters, digits and ._@-; no other key that works"
              + " may be called so. The name of one that was revoked or has expired is free.")
  private String name = "";

  @Option(
      names = "--user",
      paramLabel = "USER",
      defaultValue = OPERATOR,
      description =
          "Whom the key makes the caller (default: ${DEFAULT-VALUE}, who is the operator).")
  private String user = OPERATOR;

  @Option(
      names = "--expires",
      paramLabel = "WHEN",
      description =
          "When it ends: in so many days, as 90d, or when a day begins, as 2027-01-01, in UTC"
              + " (default: never).")
  private @Nullable String expires;

  @Override
  public Integer call() throws Exception {
    KeyNames.check(name);
    UserNames.check("--user", user);
    String when = expires;
    Optional<Instant> end =
        when == null ? Optional.empty() : Optional.of(Expiry.of(when, Instant.now()));
    ClientsPlace place = ClientsPlace.open(where);
    ApiKey key = ApiKey.create();
    KeyRecord made = place.clients().add(key, name, user, end, ClientsPlace.deadline());
    String text = key.secret().reveal();
    System.out.println(text);
    System.out.flush();
    System.err.print(NewKeyText.of(made, place, Terminal.attached() ? text : "$KEY"));
    System.err.print(SharedUser.warning(place.admission(), user));
    return ExitCode.OK;
  }
}
