package com.mcpist.deploy.config;

import com.mcpist.deploy.config.ConfigException.Mistake;
import com.mcpist.deploy.config.ConfigException.Place;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.Node;

/** Reads mcpist.yml. */
public final class DeploymentFile {
  /** The file's name, looked for in the caller's folder. */
  public static final String NAME = "mcpist.yml";

  private DeploymentFile() {}

  /** The deployment that folder's mcpist.yml describes, or the built-in one where it has none. */
  public static Deployment find(Path folder) throws ConfigException {
    Path file = folder.resolve(NAME);
    return Files.exists(file) ? read(file) : builtIn();
  }

  /** Reads a file. */
  public static Deployment read(Path file) throws ConfigException {
    try {
      return parse(file.toString(), Files.readString(file));
    } catch (NoSuchFileException _) {
      throw new ConfigException(file.toString(), "there is no such file");
    } catch (IOException e) {
      throw new ConfigException(file.toString(), "cannot be read as UTF-8 text: " + e.getMessage());
    }
  }

  /** The pair that `up` runs where there is no file. */
  public static Deployment builtIn() {
    try {
      return parse("built-in " + NAME, resource(NAME));
    } catch (ConfigException e) {
      throw new IllegalStateException(e);
    }
  }

  static String resource(String name) {
    try (InputStream in =
        Objects.requireNonNull(DeploymentFile.class.getResourceAsStream(name), name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * Reads a text.
   *
   * @param file how messages call it
   */
  public static Deployment parse(String file, String text) throws ConfigException {
    LoadSettings settings =
        LoadSettings.builder().setLabel(file).setMaxAliasesForCollections(10).build();
    try {
      Node root =
          new Compose(settings)
              .composeString(text)
              .orElseThrow(() -> new ConfigException(file, "is empty: it must name the origins"));
      return new DeploymentReader(file).deployment(root);
    } catch (MarkedYamlEngineException e) {
      Place place =
          e.getProblemMark()
              .map(mark -> new Place(mark.getLine() + 1, mark.getColumn() + 1))
              .orElse(Place.FILE);
      String problem = "is not YAML: " + e.getProblem();
      throw new ConfigException(file, List.of(new Mistake(place, problem)));
    } catch (YamlEngineException e) {
      throw new ConfigException(file, "is not YAML: " + e.getMessage());
    }
  }
}
