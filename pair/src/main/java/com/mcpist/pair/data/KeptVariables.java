package com.mcpist.pair.data;

import module java.base;

import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/**
 * The variables, most of them secret, that `mount` has been given for the pair of a data folder.
 */
public record KeptVariables(Path data) {
  private static final TypeReference<TreeMap<String, String>> TEXTS = new TypeReference<>() {};

  private Path file() {
    return data.resolve("variables.json");
  }

  public String told() {
    return "which is kept in " + file();
  }

  public Map<String, String> read() throws PairException {
    try {
      return JsonMapper.shared().readValue(Files.readString(file()), TEXTS);
    } catch (NoSuchFileException _) {
      return new TreeMap<>();
    } catch (IOException | JacksonException e) {
      // Without the parser's words, which show what is near.
      throw new PairException(file() + " cannot be read: mend or delete it", e);
    }
  }

  /** An environment with those that it lacks. */
  public Map<String, String> with(Map<String, String> environment) throws PairException {
    Map<String, String> all = read();
    all.putAll(environment);
    return all;
  }

  /** Keeps others besides; only the owner of the folder may read them. */
  public void keep(Map<String, String> values) throws PairException {
    Map<String, String> all = read();
    all.putAll(values);
    write(all);
  }

  public void forget(Set<String> names) throws PairException {
    Map<String, String> all = read();
    if (all.keySet().removeAll(names)) {
      write(all);
    }
  }

  /** Keeps these and no others. */
  public void write(Map<String, String> all) throws PairException {
    DataFolder.createPrivate(data);
    var _ =
        WholeFile.<Integer, PairException>write(
            file(),
            out -> {
              byte[] bytes = JsonMapper.shared().writeValueAsBytes(all);
              out.write(bytes);
              return bytes.length;
            });
  }
}
