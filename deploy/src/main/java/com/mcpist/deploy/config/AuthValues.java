package com.mcpist.deploy.config;

import java.net.InetAddress;
import java.net.URI;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The kinds of value that auth and limits have, as {@link Values}. */
final class AuthValues {
  private static final Pattern ADDRESS = Pattern.compile("[!-~]{1,2000}");
  private static final Pattern AUDIENCE = Pattern.compile("[!-~]{1,255}");

  /** RFC 6749, section 3.3. */
  private static final Pattern SCOPE = Pattern.compile("[!#-\\[\\]-~]{1,255}");

  private static final Pattern BLOCK = Pattern.compile("([0-9a-fA-F:.]+)/([0-9]{1,3})");

  private AuthValues() {}

  /** Compared to the letter, so any address will do, with whatever is in its path. */
  static String issuer(String text) throws WrongValueException {
    if (!text.equals(SupabaseProject.WORD) && address(text).isEmpty()) {
      throw new WrongValueException(
          "must be an address such as https://login.example.com/, or supabase, not \""
              + text
              + "\"");
    }
    return text;
  }

  /** Who can change what comes from there decides who gets in. */
  static String jwks(String text) throws WrongValueException {
    Optional<URI> uri = address(text);
    if (uri.isEmpty()) {
      throw new WrongValueException(
          "must be an address such as https://login.example.com/.well-known/jwks.json, not \""
              + text
              + "\"");
    }
    if (uri.get().getScheme().equals("http") && !Values.isLoopback(uri.get().getHost())) {
      throw new WrongValueException(
          "must start with https://, not http://: whoever could change the keys on their way could"
              + " let anybody in. Only localhost may do without");
    }
    return text;
  }

  private static Optional<URI> address(String text) {
    try {
      URI uri = URI.create(text);
      boolean right =
          ("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))
              && uri.getHost() != null
              && uri.getRawUserInfo() == null
              && uri.getRawFragment() == null
              && ADDRESS.matcher(text).matches();
      return right ? Optional.of(uri) : Optional.empty();
    } catch (IllegalArgumentException _) {
      return Optional.empty();
    }
  }

  static String audience(String text) throws WrongValueException {
    if (!AUDIENCE.matcher(text).matches()) {
      throw new WrongValueException(
          "must be what the tokens have as aud, without blanks, not \"" + text + "\"");
    }
    return text;
  }

  static String scope(String text) throws WrongValueException {
    if (!SCOPE.matcher(text).matches()) {
      throw new WrongValueException("must be single words such as mcp, not \"" + text + "\"");
    }
    return text;
  }

  /** A block of addresses in CIDR notation; not all there are. */
  static String addressBlock(String text) throws WrongValueException {
    Matcher block = BLOCK.matcher(text);
    if (block.matches()) {
      int longest = block.group(1).contains(":") ? 128 : 32;
      int length = Integer.parseInt(block.group(2));
      if (length == 0) {
        throw new WrongValueException("must not be every address: anybody would be believed then");
      }
      if (length <= longest && isAddress(block.group(1))) {
        return text;
      }
    }
    throw new WrongValueException(
        "must be blocks of addresses such as 10.0.0.0/8 or fd00::/8, not \"" + text + "\"");
  }

  private static boolean isAddress(String text) {
    try {
      return InetAddress.ofLiteral(text) != null;
    } catch (IllegalArgumentException _) {
      return false;
    }
  }
}
