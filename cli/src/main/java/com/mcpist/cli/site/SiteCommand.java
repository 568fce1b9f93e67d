package com.mcpist.cli.site;

import module java.base;

import com.mcpist.cli.console.Failure;
import com.mcpist.cli.console.Hints;
import com.mcpist.deploy.Platforms;
import com.mcpist.deploy.ProductionSite;
import com.mcpist.deploy.config.Deployment;
import com.mcpist.deploy.config.DeploymentFile;
import com.mcpist.deploy.config.Hosting;
import com.mcpist.deploy.time.Time;
import com.mcpist.pair.LocalPair;
import com.mcpist.pair.control.PairStatus;
import com.mcpist.pair.control.PairStatus.PairAccess;
import com.mcpist.pair.data.DataFolder;
import com.mcpist.pair.data.PairException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** A command about the deployment on platforms, or about the pair on this machine. */
public abstract class SiteCommand implements Callable<Integer> {
  @Option(
      names = "--local",
      description = "The pair on this machine, even if mcpist.yml describes platforms.")
  private boolean local;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description =
          "The pair on this machine with this data folder (default: ~/.local/share/mcpist).")
  private @Nullable Path data;

  @Option(
      names = "--edge",
      paramLabel = "URL",
      description = "Where clients connect (default: the domain of mcpist.yml).")
  private @Nullable URI edge;

  @Spec private CommandSpec spec;

  // picocli sets the field.
  @SuppressWarnings("NullAway.Init")
  protected SiteCommand() {}

  public Deployment deployment() {
    return App.deployment();
  }

  /** Whether the command line says that it is about the pair on this machine. */
  public boolean namesPair() {
    return local || data != null;
  }

  public boolean isLocal() throws Failure {
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

  public LocalPair pair() {
    return new LocalPair(PairCommand.folder(data), System.getenv());
  }

  public PairStatus pairStatus() throws Failure, PairException, InterruptedException {
    LocalPair pair = pair();
    return pair.status().orElseThrow(() -> Failure.failed(pair.nothingRuns()));
  }

  public PairAccess pairAccess() throws Failure, PairException, InterruptedException {
    LocalPair pair = pair();
    return pair.access().orElseThrow(() -> Failure.failed(pair.nothingRuns()));
  }

  public Optional<URI> edge() throws Failure {
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

  public ProductionSite production() {
    return new ProductionSite(deployment(), System.getenv(), platforms(), Time.system());
  }

  public static Platforms platforms() {
    return new Platforms(System.getenv(), caller(), Time.system());
  }

  /** The person and the machine, or the workflow's run: for others who want to do the same. */
  public static String caller() {
    return caller(System.getenv());
  }

  static String caller(Map<String, String> environment) {
    String repository = environment.get("GITHUB_REPOSITORY");
    String run = environment.get("GITHUB_RUN_ID");
    if (repository != null && run != null) {
      String actor = environment.getOrDefault("GITHUB_ACTOR", "somebody");
      return actor + " by a workflow (" + repository + ", run " + run + ")";
    }
    return System.getProperty("user.name", "somebody") + " on " + host();
  }

  private static String host() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException _) {
      return "an unknown machine";
    }
  }

  protected static int code(boolean good) {
    return good ? ExitCode.OK : ExitCode.SOFTWARE;
  }

  /** A text with commands to run next, which are about the same pair. */
  public String hinted(String text) {
    return new Hints(spec).in(text);
  }

  public abstract static class ShowCommand extends SiteCommand {
    @Option(names = "--json", description = "Print JSON, for programs.")
    protected boolean json;
  }

  public abstract static class PairCommand implements Callable<Integer> {
    @Option(
        names = "--data",
        paramLabel = "DIR",
        description = "The pair's data folder (default: ~/.local/share/mcpist).")
    private @Nullable Path data;

    @Spec private CommandSpec spec;

    // picocli sets the field.
    @SuppressWarnings("NullAway.Init")
    protected PairCommand() {}

    /** As {@link SiteCommand#hinted}. */
    protected String hinted(String text) {
      return new Hints(spec).in(text);
    }

    protected Path folder() {
      return folder(data);
    }

    static Path folder(@Nullable Path given) {
      return DataFolder.real(given == null ? DataFolder.standard(System.getenv()) : given);
    }

    protected LocalPair pair() {
      return new LocalPair(folder(), System.getenv());
    }
  }

  /** What the launcher says of this program, and where it was called. */
  public static final class App {
    private App() {}

    /** The folder of origin, edge and cli. */
    public static Path folder() throws Failure {
      String folder = System.getProperty("mcpist.app", "");
      if (folder.isEmpty()) {
        throw Failure.usage("start this by ./mcpist, which knows where the programs are.");
      }
      return Path.of(folder).toAbsolutePath();
    }

    /** The command by which this was started. */
    public static Path launcher() throws Failure {
      String launcher = System.getProperty("mcpist.launcher", "");
      if (launcher.isEmpty()) {
        throw Failure.usage("start this by ./mcpist, which says where it is itself.");
      }
      return Path.of(launcher).toAbsolutePath();
    }

    public static String release() {
      return System.getProperty("mcpist.release", "dev");
    }

    public static Path callersFolder() {
      return Path.of("").toAbsolutePath();
    }

    public static Deployment deployment() {
      return DeploymentFile.find(callersFolder());
    }
  }
}
