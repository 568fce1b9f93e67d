package com.mcpist.drill;

import com.mcpist.deploy.edgeclient.Guard;
import com.mcpist.pair.LocalPair;
import com.mcpist.pair.data.DataFolder;
import com.mcpist.pair.data.PairException;
import com.mcpist.pair.supervisor.PairEvent;
import com.mcpist.pair.supervisor.PairEvent.Kind;
import com.mcpist.pair.supervisor.PairOptions;
import com.mcpist.pair.supervisor.Supervisor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A pair for one drill, in a temporary folder, with a proxy on each of its links. */
final class ThrowAwayPair implements AutoCloseable {
  private static final String PREFIX = "mcpist-drill-";

  /** The folder's name has the process that made it, so that what a killed one left is known. */
  private static final Pattern FOLDER = Pattern.compile(PREFIX + "([0-9]{1,9})-.*");

  private final Path folder;
  private final BreakableLinks links;
  private final Supervisor pair;
  private final Target target;

  private ThrowAwayPair(Path folder, BreakableLinks links, Supervisor pair, Target target) {
    this.folder = folder;
    this.links = links;
    this.pair = pair;
    this.target = target;
  }

  /**
   * Starts one.
   *
   * @param steps told of each step
   */
  static ThrowAwayPair start(Blueprint blueprint, Consumer<String> steps)
      throws PairException, RefusedException, InterruptedException {
    Path folder = createFolder();
    BreakableLinks links = new BreakableLinks();
    Supervisor pair =
        new Supervisor(options(blueprint, folder, links), event -> tell(event, steps));
    try {
      pair.start();
      LocalPair seen = new LocalPair(folder, blueprint.environment());
      return new ThrowAwayPair(folder, links, pair, Target.of(seen, links));
    } catch (PairException | RefusedException | InterruptedException e) {
      pair.close();
      links.close();
      remove(folder);
      throw e;
    }
  }

  private static Path createFolder() throws PairException {
    try {
      return Files.createTempDirectory(PREFIX + ProcessHandle.current().pid() + "-");
    } catch (IOException e) {
      throw new PairException("no temporary folder can be made: " + e.getMessage(), e);
    }
  }

  private static PairOptions options(Blueprint blueprint, Path folder, BreakableLinks links) {
    return new PairOptions(
        blueprint.app(),
        folder,
        0,
        blueprint.release(),
        blueprint.deployment(),
        Guard.OPEN, // Its calls are as many as possible, and nobody else knows of it.
        blueprint.environment(),
        links);
  }

  private static void tell(PairEvent event, Consumer<String> steps) {
    if (event.kind() == Kind.STEP) {
      steps.accept(event.text());
    }
  }

  /** Removes the folders of drills that were killed, and stops what still works in them. */
  static void removeLeft(Map<String, String> environment)
      throws PairException, InterruptedException {
    List<Path> left;
    try (Stream<Path> files = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
      left = files.filter(ThrowAwayPair::isLeft).toList();
    } catch (IOException e) {
      throw new PairException("the temporary folder cannot be read: " + e.getMessage(), e);
    }
    for (Path folder : left) {
      new LocalPair(folder, environment).stop();
      remove(folder);
    }
  }

  private static boolean isLeft(Path folder) {
    Matcher name = FOLDER.matcher(folder.getFileName().toString());
    return name.matches()
        && Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)
        && isOwn(folder)
        && ProcessHandle.of(Long.parseLong(name.group(1))).isEmpty()
        && !DataFolder.isInUse(folder);
  }

  /** Anyone may make a folder of that name where all may write, and name any process in it. */
  private static boolean isOwn(Path folder) {
    try {
      UserPrincipal user =
          folder
              .getFileSystem()
              .getUserPrincipalLookupService()
              .lookupPrincipalByName(System.getProperty("user.name"));
      return Files.getOwner(folder, LinkOption.NOFOLLOW_LINKS).equals(user)
          && Files.getPosixFilePermissions(folder, LinkOption.NOFOLLOW_LINKS)
              .equals(PosixFilePermissions.fromString("rwx------"));
    } catch (IOException | UnsupportedOperationException _) {
      return false;
    }
  }

  /** The pair, to be broken. */
  Target target() {
    return target;
  }

  /** Stops it and removes its folder. */
  @Override
  public void close() throws PairException {
    pair.close();
    links.close();
    remove(folder);
  }

  private static void remove(Path folder) throws PairException {
    try {
      DataFolder.delete(folder);
    } catch (IOException e) {
      throw new PairException(folder + " cannot be removed: " + e.getMessage(), e);
    }
  }
}
