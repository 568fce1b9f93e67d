package com.mcpist.pair.supervisor;

import module java.base;

import com.mcpist.deploy.config.Deployment;
import com.mcpist.deploy.config.DeploymentFile;
import com.mcpist.deploy.config.Mounts;
import com.mcpist.deploy.edgeclient.EdgeConfig.Guard;
import com.mcpist.pair.data.PairException;

/**
 * The app is the folder of origin and edge; port 0: one that is free. Without the texts no other
 * supervisor can go on with the pair.
 */
public record PairOptions(
    Path app,
    Path data,
    int port,
    String release,
    Deployment deployment,
    Guard guard,
    Map<String, String> environment,
    Links links,
    Optional<Texts> texts) {
  /** What says which database it is. */
  public static final Set<String> DATABASE =
      Set.of("DATABASE_URL", "MIGRATION_DATABASE_URL", "DATABASE_POOL_SIZE");

  /** Of mcpist.yml and of mounts.json, which together are the deployment; empty: no such file. */
  public record Texts(Optional<String> file, Optional<String> mounts) {
    public static Texts read(Path folder) throws PairException {
      return new Texts(
          text(folder.resolve(DeploymentFile.NAME)), text(folder.resolve(Mounts.NAME)));
    }

    private static Optional<String> text(Path file) throws PairException {
      try {
        return Optional.of(Files.readString(file));
      } catch (NoSuchFileException _) {
        return Optional.empty();
      } catch (IOException e) {
        throw new PairException(file + " cannot be read: " + e.getMessage(), e);
      }
    }

    Deployment deployment() {
      return file.map(text -> DeploymentFile.parse(DeploymentFile.NAME, text))
          .orElseGet(DeploymentFile::builtIn)
          .with(mounts.map(text -> Mounts.parse(Mounts.NAME, text)).orElse(Mounts.NONE));
    }
  }

  /**
   * What a pair uses of an environment besides its machine's, most of it secret: the database, and
   * what modules, mounted servers and alerts refer to.
   */
  public static Map<String, String> variables(
      Deployment deployment, Map<String, String> environment) {
    return ChildEnvironment.variables(deployment, environment);
  }

  /**
   * The sockets by which the programs of a pair reach each other. Something that passes bytes on
   * may stand between them: a drill puts there what it can break. A PairException says that nothing
   * can be put there.
   */
  public interface Links {
    Links DIRECT = new Links() {};

    /** Returns the socket by which the edge reaches an origin that will listen on this socket. */
    default URI toOrigin(String origin, URI socket) throws PairException {
      return socket;
    }

    /**
     * Returns the folder with the socket by which an origin reaches the pair's own PostgreSQL,
     * whose socket is in this folder. Not called for the database of DATABASE_URL.
     */
    default Path toDatabase(String origin, Path folder) throws PairException {
      return folder;
    }
  }
}
