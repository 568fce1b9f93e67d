package com.mcpist.deploy.config;

import com.fasterxml.jackson.annotation.JsonCreator;
import java.net.Inet4Address;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

public sealed interface Hosting {
  List<String> PLATFORMS = List.of("koyeb", "fly", "ssh");

  default String platform() {
    return switch (this) {
      case Koyeb _ -> "koyeb";
      case Fly _ -> "fly";
      case Ssh _ -> "ssh";
      case Local() -> "local";
    };
  }

  /**
   * Whether it starts a new instance before it stops the old one, so that the origin serves all the
   * while. A machine of Fly.io is stopped to be updated, and of several nothing says that the
   * others are enough. On a host the release is tried on the port beside, and then takes the old
   * one's place.
   */
  default boolean overlaps() {
    return this instanceof Koyeb;
  }

  record Koyeb(String app, String service) implements Hosting {}

  /**
   * Machines of an app on Fly.io.
   *
   * @param machines the ids of those that are the origin; all of the app when empty
   * @param region only those in this region, when given
   */
  record Fly(String app, List<String> machines, Optional<String> region) implements Hosting {}

  /**
   * A container on a host that ssh reaches.
   *
   * @param listen where it listens on that host; the port after it is for a release that is tried
   * @param container podman or docker; empty: whichever is there
   */
  record Ssh(String host, String app, Listen listen, Optional<String> container)
      implements Hosting {
    /** An IPv4 address and a port below 65535, so that another one comes after it. */
    public record Listen(String address, int port) {
      private static final Pattern FORM = Pattern.compile("([0-9.]{7,15}):([1-9][0-9]{0,4})");

      @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
      static Listen parse(String text) {
        Matcher matcher = FORM.matcher(text);
        if (matcher.matches()) {
          String address = matcher.group(1);
          int port = Integer.parseInt(matcher.group(2));
          if (port < 65_535 && Inet4Address.ofLiteral(address).getHostAddress().equals(address)) {
            return new Listen(address, port);
          }
        }
        throw new IllegalArgumentException();
      }
    }
  }

  record Local() implements Hosting {}
}
