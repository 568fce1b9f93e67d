package com.mcpist.cli.site;

import com.mcpist.cli.console.Failure;
import com.mcpist.deploy.config.ConfigException;
import com.mcpist.deploy.config.Deployment;
import com.mcpist.deploy.config.DeploymentFile;
import java.nio.file.Path;

/** What the launcher says of this program, and where it was called. */
public final class App {
  private App() {}

  /** The folder of origin, edge and cli. */
  public static Path folder() throws Failure {
    String folder = System.getProperty("mcpist.app", "");
    if (folder.isEmpty()) {
      throw Failure.usage("start this by ./mcpist, which knows where the programs are.");
    }
    return Path.of(folder).toAbsolutePath();
  }

  public static String release() {
    return System.getProperty("mcpist.release", "dev");
  }

  public static Path callersFolder() {
    return Path.of("").toAbsolutePath();
  }

  /** What mcpist.yml there says. */
  public static Deployment deployment() throws ConfigException {
    return DeploymentFile.find(callersFolder());
  }
}
