package com.mcpist.pair.control;

import module java.base;

import com.mcpist.pair.data.DataFolder;
import tools.jackson.databind.json.JsonMapper;

/** The folders that no program mounted by a pair may see: what is in them gives a pair away. */
public final class PrivateFolders {
  /** The origin's variable for them. */
  public static final String VARIABLE = "MOUNTS_HIDDEN";

  private PrivateFolders() {}

  /** As the variable has them, of the pair with this data folder, and of the standard one. */
  public static String json(Path data, Map<String, String> environment) {
    Path own = DataFolder.real(data);
    Path socket = ControlSocket.of(own, environment);
    Set<String> folders =
        Stream.of(
                own,
                DataFolder.standard(environment),
                DataFolder.cache(environment),
                socket.resolveSibling(""))
            .map(folder -> DataFolder.real(folder).toString())
            .collect(Collectors.toCollection(LinkedHashSet::new));
    return JsonMapper.shared().writeValueAsString(folders);
  }
}
