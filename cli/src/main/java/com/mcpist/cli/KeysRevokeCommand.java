package com.mcpist.cli;

import com.mcpist.deploy.admin.KeyRecord;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Ends a key. */
@Command(
    name = "revoke",
    description = {
      "Ends an API key: within 5 seconds no origin lets anybody in for it. A second time does no"
          + " harm, and nothing brings it back."
    },
    footer = {"", "Example:", "  mcpist keys revoke laptop"})
final class KeysRevokeCommand implements Callable<Integer> {
  @Mixin private SiteOptions where = new SiteOptions();

  @Parameters(
      paramLabel = "NAME_OR_ID",
      description = "The key's name, or its id, as `mcpist keys list` shows them.")
  private String key = "";

  @Override
  public Integer call() throws Exception {
    KeyNames.notAKey(key);
    if (key.isBlank()) {
      throw Failure.usage("NAME_OR_ID must not be empty");
    }
    KeyRecord ended = ClientsPlace.open(where).clients().revoke(key, ClientsPlace.deadline());
    System.out.println(
        "The key " + ended.name() + " of " + ended.user() + " lets nobody in any more.");
    return ExitCode.OK;
  }
}
