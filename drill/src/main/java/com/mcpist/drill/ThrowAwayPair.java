package com.mcpist.drill;

import com.mcpist.deploy.config.Deployment;
import com.mcpist.deploy.edgeclient.EdgeConfig.Guard;
import com.mcpist.drill.Fault.RefusedException;
import com.mcpist.drill.Target.BreakableLinks;
import com.mcpist.drill.link.FaultProxy;
import com.mcpist.pair.LocalPair;
import com.mcpist.pair.data.DataFolder;
import com.mcpist.pair.data.PairException;
import com.mcpist.pair.supervisor.PairOptions;
import com.mcpist.pair.supervisor.Supervisor;
import com.mcpist.pair.supervisor.Supervisor.PairEvent.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A pair for one drill, in a temporary folder, with a proxy on each of its links. */
public final class ThrowAwayPair implements AutoCloseable {
  private static final String PREFIX = "mcpist-drill-";

  /** The folder's name has the process that made it, so that what a killed one left is known. */
  private static final Pattern FOLDER = Pattern.compile(PREFIX + "([0-9]{1,9})-.*");

  private final Path folder;
  private final BreakableLinks links = new BreakableLinks();
  private final Supervisor pair;
  private final Target target;

  /** Its programs' folder, what its origins call their release, and the caller's environment. */
  public record Blueprint(
      Path app, String release, Deployment deployment, Map<String, String> environment) {}

  ThrowAwayPair(Blueprint blueprint, Consumer<String> steps)
      throws PairException, RefusedException, InterruptedException {
    this.folder = createFolder();
    PairOptions options =
        new PairOptions(
            blueprint.app(),
            folder,
            0,
            blueprint.release(),
            blueprint.deployment(),
            Guard.OPEN, // Its calls are as many as possible, and nobody else knows of it.
            blueprint.environment(),
            links);
    this.pair =
        new Supervisor(
            options,
            event -> {
              if (event.kind() == Kind.STEP) {
                steps.accept(event.text());
              }
            });
    try {
      pair.start();
      this.target = Target.of(new LocalPair(folder, blueprint.environment()), links);
    } catch (PairException | RefusedException | InterruptedException e) {
      close();
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
        // Anyone may make a folder of that name where all may write, and name any process in it.
        && DataFolder.isPrivate(folder)
        && ProcessHandle.of(Long.parseLong(name.group(1))).isEmpty()
        && !DataFolder.isInUse(folder);
  }

  Target target() {
    return target;
  }

  @Override
  public void close() throws PairException {
    pair.close();
    links.forEach(FaultProxy::close);
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
