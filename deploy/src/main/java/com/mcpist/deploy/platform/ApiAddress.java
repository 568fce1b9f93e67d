package com.mcpist.deploy.platform;

import java.net.URI;
import java.util.Map;
import java.util.Optional;

/** Where a vendor's interface is, and whether it may be told a secret. */
public final class ApiAddress {
  private ApiAddress() {}

  /**
   * The vendor's own address, unless a variable puts another one in its place.
   *
   * @return without a slash at the end
   * @throws PlatformException when the variable's is one that no secret may be sent to
   */
  public static URI of(
      String platform, Map<String, String> environment, String variable, URI vendor)
      throws PlatformException {
    Optional<String> other = Optional.ofNullable(environment.get(variable));
    if (other.isEmpty()) {
      return vendor;
    }
    if (!mayBeSentTo(other.get())) {
      throw new PlatformException(
          PlatformException.Kind.REJECTED,
          platform,
          variable,
          "it must be an address that starts with https://",
          "Correct it, or unset it to speak to the vendor");
    }
    return URI.create(other.get().replaceAll("/+$", ""));
  }

  /** Whether a secret may be sent there: not over a network in the clear. */
  public static boolean mayBeSentTo(String url) {
    return url.matches("https://[^@?#\\s]+|http://(127\\.0\\.0\\.1|localhost)[:/][^@?#\\s]*");
  }
}
