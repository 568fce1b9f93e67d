package com.mcpist.deploy.config;

import module java.base;

import com.fasterxml.jackson.annotation.JsonCreator;

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

  /** A machine of Fly.io stops to be updated; a host tries the release on the port beside. */
  default boolean overlaps() {
    return this instanceof Koyeb;
  }

  record Koyeb(String app, String service) implements Hosting {}

  /** All machines of the app where none are named. */
  record Fly(String app, List<String> machines, Optional<String> region) implements Hosting {}

  /** The port after it is for a release that is tried; else any container program will do. */
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
