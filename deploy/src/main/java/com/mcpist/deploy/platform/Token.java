package com.mcpist.deploy.platform;

import com.mcpist.deploy.platform.PlatformException.Kind;
import com.mcpist.deploy.secret.Secret;
import java.util.List;
import java.util.Map;

/**
 * What a platform knows the caller by.
 *
 * @param header the value of Authorization
 */
public record Token(Secret value, Secret header) {

  /** The values that no message may repeat. */
  public List<Secret> hidden() {
    return List.of(header, value);
  }

  /**
   * From a variable.
   *
   * @param scheme how it stands in the header
   * @throws PlatformException when it is not set, or is none; the message never shows it
   */
  public static Token fromEnvironment(
      String platform, Map<String, String> environment, String variable, Scheme scheme)
      throws PlatformException {
    Secret token =
        Secret.fromEnvironment(environment, variable)
            .orElseThrow(
                () -> wrong(platform, variable, "is not set", "Set it in the environment"));
    // Anything else could not be sent, and the error would show it.
    if (!token.reveal().matches("[\\x21-\\x7e]+( [\\x21-\\x7e]+)*")) {
      throw wrong(
          platform,
          variable,
          "is no token: it has a line break or a character that tokens do not have",
          "Copy it again, in one piece");
    }
    return new Token(token, Secret.of(scheme.header(token.reveal())));
  }

  private static PlatformException wrong(
      String platform, String variable, String problem, String advice) {
    return new PlatformException(Kind.UNAUTHORIZED, platform, variable, problem, advice);
  }

  @FunctionalInterface
  public interface Scheme {
    String header(String token);
  }
}
