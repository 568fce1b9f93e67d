package com.mcpist.deploy.secrets;

import java.util.Set;
import java.util.regex.Pattern;

/** The secrets that MCPist makes itself. Others are somebody else's, who gives their values. */
public final class SecretNames {
  /** What an edge shows the origins. */
  public static final String GATEWAY_SECRET = "GATEWAY_SECRET";

  /** What whoever looks after origins and Worker shows them. */
  public static final String ADMIN_TOKEN = "ADMIN_TOKEN";

  /** What such a name ends with is a value that nobody may guess. An address is none. */
  private static final Pattern RANDOM = Pattern.compile(".*(KEY|SECRET|TOKEN|PASSWORD)");

  private static final Set<String> SHOWN = Set.of(GATEWAY_SECRET, ADMIN_TOKEN);

  private SecretNames() {}

  /**
   * Whether it is shown by whoever calls, and compared: whoever is asked can know two of them at
   * once, which is how it is rotated, and MCPist makes its value.
   */
  public static boolean isShown(String name) {
    return SHOWN.contains(name);
  }

  static boolean isRandom(String name) {
    return RANDOM.matcher(name).matches();
  }
}
