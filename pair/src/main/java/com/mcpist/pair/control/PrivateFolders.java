package com.mcpist.pair.control;

import module java.base;

import com.mcpist.pair.data.DataFolder;
import tools.jackson.databind.json.JsonMapper;

/**
 * The folders that no program mounted by a pair may see, since their files give access to a pair.
 */
public final class PrivateFolders {
  /** The name of the origin's variable for these folders. */
  public static final String VARIABLE = "MOUNTS_HIDDEN";

  private PrivateFolders() {}

  /**
   * Returns the variable's value: the folders of the pair with this data folder, and those of the
   * standard one.
   */
  public static String json(Path data, Map<String, String> environment) {
    Path own = DataFolder.real(data);
    Set<String> folders =
        Stream.of(
                own,
                DataFolder.standard(environment),
                DataFolder.cache(environment),
                Sockets.of(own).folder())
            .map(folder -> DataFolder.real(folder).toString())
            .collect(Collectors.toCollection(LinkedHashSet::new));
    return JsonMapper.shared().writeValueAsString(folders);
  }
}
