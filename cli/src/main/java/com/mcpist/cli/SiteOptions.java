package com.mcpist.cli;

import com.mcpist.deploy.Platforms;
import com.mcpist.deploy.ProductionSite;
import com.mcpist.deploy.config.ConfigException;
import com.mcpist.deploy.config.Deployment;
import com.mcpist.deploy.config.DeploymentFile;
import com.mcpist.deploy.config.Hosting;
import com.mcpist.deploy.time.Time;
import com.mcpist.pair.LocalPair;
import com.mcpist.pair.data.DataFolder;
import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which deployment a command is about: the one on platforms, or the pair on this machine. */
final class SiteOptions {
  @Option(
      names = "--local",
      description =
          "The pair on this machine, also where mcpist.yml describes a deployment on platforms.")
  private boolean local;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description =
          "The data folder of a pair on this machine, which is then what the command is about"
              + " (default: ~/.local/share/mcpist).")
  private @Nullable Path data;

  @Option(
      names = "--edge",
      paramLabel = "URL",
      description = "Where clients connect, when that is not the domain of mcpist.yml.")
  private @Nullable URI edge;

  /** What mcpist.yml says. */
  Deployment deployment() throws ConfigException {
    return DeploymentFile.find(Main.callersFolder());
  }

  /** Whether the command line says that it is about the pair on this machine. */
  boolean namesPair() {
    return local || data != null;
  }

  /** Whether it is about the pair on this machine. */
  boolean isLocal() throws ConfigException, Failure {
    if (namesPair()) {
      return true;
    }
    Deployment deployment = deployment();
    long here =
        deployment.origins().stream().filter(o -> o.hosting() instanceof Hosting.Local).count();
    if (here > 0 && here < deployment.origins().size()) {
      throw Failure.usage(
          "mcpist.yml has origins on platforms and others on this machine: a deployment is one or"
              + " the other. --local is about the pair on this machine.");
    }
    return here > 0;
  }

  /** The data folder of the pair on this machine. */
  Path folder() {
    Path given = data;
    return (given == null ? DataFolder.standard(System.getenv()) : given)
        .toAbsolutePath()
        .normalize();
  }

  LocalPair pair() {
    return new LocalPair(folder(), System.getenv());
  }

  /** Where clients connect, when it was given. */
  Optional<URI> edge() throws Failure {
    URI given = edge;
    if (given == null) {
      return Optional.empty();
    }
    String text = given.toString();
    if (!text.matches("https://[^/?#]+/?|http://(127\\.0\\.0\\.1|localhost)(:[0-9]+)?/?")) {
      throw Failure.usage(
          "--edge must be an address without a path, https except on this machine, not " + text);
    }
    return Optional.of(URI.create(text.replaceAll("/$", "")));
  }

  /** The deployment on platforms. */
  ProductionSite production() throws ConfigException {
    return new ProductionSite(
        deployment(),
        System.getenv(),
        new Platforms(System.getenv(), Who.here(), Time.system()),
        Time.system());
  }
}
