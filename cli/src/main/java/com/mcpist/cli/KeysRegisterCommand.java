package com.mcpist.cli;

import com.mcpist.deploy.admin.Clients.KeyRecord;
import com.mcpist.deploy.keys.ApiKey;
import java.time.Instant;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Lets a key in that was made elsewhere. */
@Command(
    name = "register",
    description = {
      "Lets in whoever has a key that `mcpist keys create --dispatch` has made on another machine,"
          + " by its digest. The key itself stays there. A second time does no harm."
    },
    footer = {
      "",
      "Examples:",
      "  mcpist keys register laptop --digest \"$DIGEST\"",
      "  mcpist keys register ci --user build --digest \"$DIGEST\""
    })
final class KeysRegisterCommand implements Callable<Integer> {
  @Mixin private SiteOptions where = new SiteOptions();
  @Mixin private NewKeyOptions options = new NewKeyOptions();

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
    ClientsPlace place = ClientsPlace.open(where);
    KeyRecord kept =
        place.clients().add(digest, key.name(), key.user(), key.expires(), ClientsPlace.deadline());
    System.out.println(
        "The key %s of %s lets its holder in; it %s."
            .formatted(kept.name(), kept.user(), NewKeyText.end(kept.expires())));
    System.out.flush();
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
